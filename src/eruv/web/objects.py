"""Films on object storage, for the page: which of them may be read, by their buckets."""

import threading
import time
from dataclasses import dataclass

from eruv.library.rows import FileStamp, Source
from eruv.utils.console import warn
from eruv.utils.storage.bucket import FEW_ATTEMPTS, info_of
from eruv.utils.storage.errors import NoObject, StorageError
from eruv.utils.storage.remote_path import RemotePath

# Seconds between requests to the bucket: a player asks for many ranges, and a bucket that does not
# answer must not hold up each of them.
FRESH_S, FAILED_S = 2.0, 15.0
MOST_KEPT = 1000
GONE = "The file of this video was deleted from object storage."
EXCHANGED = "The file of this video was replaced on object storage. Ingest it again."
MORE = "See the terminal in which eruv serve runs for details."
NO_ANSWER = f"The file of this video cannot be read from object storage right now. {MORE}"


@dataclass(frozen=True)
class FoundObject:
    """What the bucket said.

    Attributes:
        path: with `known`, whose tag holds for all reading; None if it may not be read.
        why: it may not.
    """

    path: RemotePath | None
    why: str = ""


class Objects:
    """Objects of sources that the catalogue names, while they are those that were ingested."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Source, tuple[float, FoundObject]] = {}

    def of(self, source: Source) -> FoundObject:
        """The object of a source, as it was a moment ago.

        Args:
            source: of the catalogue, with a path on object storage.
        """
        with self._lock:
            until, found = self._kept.get(source, (0.0, FoundObject(None)))
        if time.monotonic() < until:
            return found
        found = _looked_up(source)
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept_s = FAILED_S if found.why == NO_ANSWER else FRESH_S
            self._kept[source] = (time.monotonic() + kept_s, found)
        return found


def _looked_up(source: Source) -> FoundObject:
    path = RemotePath(source.path)
    try:
        path.known = info_of(path, FEW_ATTEMPTS)
    except NoObject:
        return FoundObject(None, GONE)
    except StorageError as error:
        warn(str(error))
        return FoundObject(None, NO_ANSWER)
    return FoundObject(path) if FileStamp.of(path) == source.stamp else FoundObject(None, EXCHANGED)
