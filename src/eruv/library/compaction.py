"""When an ingest merges the small files that its commits leave in the catalogue."""

import time
from collections.abc import Callable

COMMITS = 16
SHARE = 0.05


class Compaction:
    """Merges after every 16 commits, but spends at most a twentieth of the time on it.

    Merging rewrites the last file of each table, up to a million rows: a large catalogue would
    otherwise do little else, and its disk fill with versions not yet dropped.
    """

    def __init__(
        self, compact: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Args:
            compact: merges, as `Library.compact` does.
            clock: seconds.
        """
        self._compact = compact
        self._clock = clock
        self._commits = 0
        self._earliest = clock()

    def after_commit(self) -> None:
        """Merge, if it is due."""
        self._commits += 1
        if self._commits >= COMMITS and self._clock() >= self._earliest:
            self.finish()

    def finish(self) -> None:
        """Merge what is left; nothing after no commit."""
        if not self._commits:
            return
        started = self._clock()
        self._compact()
        ended = self._clock()
        self._commits = 0
        self._earliest = ended + (ended - started) * (1 / SHARE - 1)
