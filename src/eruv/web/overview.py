"""The library as a whole for its page: worked out when someone asks, and again when it changed."""

import threading

from eruv.moments.explored import ExploreResult, explored
from eruv.utils.console import silenced
from eruv.web.finder import Finder

# Enough to see where things lie, and few enough to wait for and to draw.
MOST_WINDOWS = 4000
SEED = 0


class Overview:
    """Clusters, map and oddities of a library, kept until its vectors change.

    Args:
        finder: that has the vectors.
    """

    def __init__(self, finder: Finder) -> None:
        self.finder, self.lock = finder, threading.Lock()
        self._kept: tuple[tuple[str, int], ExploreResult] | None = None

    def now(self) -> ExploreResult | None:
        """What there is; None where the library has no vectors. The first call takes seconds.

        Raises:
            EruvError: if there are too few windows.
        """
        searcher = self.finder.searcher
        if searcher is None:
            return None
        with self.lock:
            opened = searcher.opened()
            key = (opened.table.made_by.key, opened.version)
            if self._kept is None or self._kept[0] != key:
                with silenced():
                    found = explored(
                        self.finder.library,
                        opened.table,
                        clusters=None,
                        method="pca",
                        most=MOST_WINDOWS,
                        seed=SEED,
                    )
                self._kept = (key, found)
            return self._kept[1]
