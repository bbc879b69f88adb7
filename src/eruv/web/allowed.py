"""Which files the page may read: sources that the catalogue names, and files of its own caches."""

import os
import re
import stat
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from eruv.library.catalogue import Library
from eruv.library.rows import FileStamp, Source
from eruv.utils.storage.remote_path import is_remote
from eruv.web.objects import FoundObject, Objects

VIDEO_ID = re.compile(r"[0-9a-f]{64}")
FRESH_S = 2.0  # between checks whether the catalogue has changed


class NotAllowed(OSError):
    """A file that is not there, is no plain file, or may not be read."""


def open_plain(path: Path) -> BinaryIO:
    """Open a regular file without following a link anywhere in its path.

    Each folder is opened from the one before, so that nothing that is exchanged meanwhile leads
    elsewhere; a pipe or a device is not waited for.

    Args:
        path: absolute and resolved.

    Raises:
        NotAllowed: where that is not possible.
    """
    parts = path.parts
    if not path.is_absolute() or ".." in parts or "\0" in str(path):
        raise NotAllowed(f"not a resolved path: {str(path)!r}")
    folder = -1
    try:
        folder = os.open(parts[0], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in parts[1:-1]:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            inner = os.open(part, flags, dir_fd=folder)
            os.close(folder)
            folder = inner
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        opened = os.open(parts[-1], flags, dir_fd=folder)
    except (OSError, ValueError) as error:
        raise NotAllowed(f"cannot be opened: {str(path)!r}") from error
    finally:
        if folder >= 0:
            os.close(folder)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise NotAllowed(f"not a regular file: {str(path)!r}")
    return open(opened, "rb")


class Allowed:
    """The files of a library's videos.

    A file is allowed if the catalogue names it and it is regular. Where its name leads elsewhere by
    a link, the file there lies in one of the roots, or it is the very file that was ingested: one
    inode, size and time. A link that is turned to another file afterwards is not followed.

    An object is allowed if the catalogue names it, and its size and tag are those that were
    ingested.

    Args:
        library: whose videos are shown.
        roots: folders in which links may lead anywhere; always among them are the folders in which
            the catalogue's own paths lie.
    """

    def __init__(self, library: Library, roots: Iterable[Path] = ()) -> None:
        self.library, self.objects = library, Objects()
        self.roots = [Path(os.path.realpath(root)) for root in roots]
        self._lock = threading.Lock()
        self._version: int | None = None
        self._checked = 0.0
        self._sources: dict[str, list[Source]] = {}

    def knows(self, video_id: str) -> bool:
        """Whether the catalogue has a video of this id, which may be any text."""
        return bool(VIDEO_ID.fullmatch(video_id)) and video_id in self._now()

    def source(self, video_id: str) -> Path | None:
        """The path of a file of a video; None if it is gone or may not be read.

        Of a file of this machine it is resolved; where there is none, an object comes with what its
        bucket says of it (`known`).

        Args:
            video_id: from a request, so it may be any text.
        """
        found = (one.path for one in self._objects_of(video_id))
        return self.local_source(video_id) or next((one for one in found if one is not None), None)

    def local_source(self, video_id: str) -> Path | None:
        """The same, of files of this machine alone."""
        found = (self._permitted(one) for one in self._sources_of(video_id))
        return next((path for path in found if path is not None), None)

    def why_not(self, video_id: str) -> str:
        """Why a video that the catalogue has cannot be played, for people."""
        whys = (one.why for one in self._objects_of(video_id))
        return next(whys, "The file of this video was deleted or replaced.")

    def _sources_of(self, video_id: str) -> Sequence[Source]:
        return self._now().get(video_id, ()) if VIDEO_ID.fullmatch(video_id) else ()

    def _objects_of(self, video_id: str) -> Iterator[FoundObject]:
        """Looked up one by one, as they are taken."""
        return (self.objects.of(one) for one in self._sources_of(video_id) if is_remote(one.path))

    def _permitted(self, source: Source) -> Path | None:
        if is_remote(source.path):
            return None
        try:
            path = Path(os.path.realpath(source.path, strict=True))
            status = path.stat()
            same = FileStamp.of(path) == source.stamp
        except (OSError, ValueError):
            return None
        # A file of another size holds other bytes: its times are not those of the catalogue.
        if not stat.S_ISREG(status.st_mode) or status.st_size != source.stamp.size:
            return None
        home = Path(os.path.realpath(source.path.parent))
        inside = any(path.is_relative_to(root) for root in (home, *self.roots))
        return path if same or inside else None

    def _now(self) -> dict[str, list[Source]]:
        """Sources of each video by its id, not older than two seconds."""
        with self._lock:
            if self._version is None or time.monotonic() - self._checked > FRESH_S:
                table = self.library.tables["sources"]
                table.checkout_latest()
                if table.version != self._version:
                    self._sources = {}
                    for source in self.library.sources().values():
                        if not source.quarantined:
                            self._sources.setdefault(source.video_id, []).append(source)
                    self._version = table.version
                self._checked = time.monotonic()
            return self._sources
