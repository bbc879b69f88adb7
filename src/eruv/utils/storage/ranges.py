"""An object as a seekable file: read in blocks, ahead of who reads on, and each block once."""

import io
import os
import tempfile
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from eruv.utils.storage.bucket import info_of, read_range
from eruv.utils.storage.local_copy import cache_folder
from eruv.utils.storage.remote_path import ObjectInfo, RemotePath

BLOCK_BYTES = 2 << 20
AHEAD = 2
# Of the object that is read, in a nameless file: an ingest reads a source twice, first its bytes
# and then its pictures.
KEPT_BLOCKS = 512

_readers = ThreadPoolExecutor(AHEAD, thread_name_prefix="eruv-range")
_latest: dict[bool, "Blocks"] = {}  # of several blocks, and of one
_lock = threading.Lock()


class Blocks:
    """The blocks of one object, of which those that were read last are kept.

    Args:
        path: of the object.
        info: its size and tag.
    """

    def __init__(self, path: RemotePath, info: ObjectInfo) -> None:
        self.path, self.info = path, info
        folder = cache_folder()
        self._file = tempfile.TemporaryFile(  # noqa: SIM115 - open as long as the blocks are kept
            prefix="eruv-", dir=folder, buffering=0
        )
        self._places: OrderedDict[int, int] = OrderedDict()
        self._coming: dict[int, Future[bytes]] = {}
        self._last = -2
        self._lock = threading.Lock()

    def read(self, start: int, size: int) -> bytes:
        """Bytes from a place on, at most to the end of its block."""
        number, offset = divmod(start, BLOCK_BYTES)
        size = min(size, BLOCK_BYTES - offset, self.info.size - start)
        if size <= 0:
            return b""
        with self._lock:
            place = self._place_of(number)
            return os.pread(self._file.fileno(), size, place * BLOCK_BYTES + offset)

    def _place_of(self, number: int) -> int:
        if number == self._last + 1:
            for later in range(number + 1, number + 1 + AHEAD):
                self._order(later)
        self._last = number
        if number not in self._places:
            self._order(number)
            self._keep(number, self._coming.pop(number).result())
        for other in [one for one, future in self._coming.items() if future.done()]:
            future = self._coming.pop(other)
            if future.exception() is None:  # else it is asked for again once it is needed
                self._keep(other, future.result())
        return self._places[number]

    def _order(self, number: int) -> None:
        start = number * BLOCK_BYTES
        if start < self.info.size and number not in self._places and number not in self._coming:
            end = min(start + BLOCK_BYTES, self.info.size)
            self._coming[number] = _readers.submit(read_range, self.path, start, end, self.info.tag)

    def _keep(self, number: int, content: bytes) -> None:
        place = len(self._places)
        if place >= KEPT_BLOCKS:
            place = self._places.popitem(last=False)[1]
        written = os.pwrite(self._file.fileno(), content, place * BLOCK_BYTES)
        if written < len(content):
            raise OSError(f"the cache folder {cache_folder()} is full. Make room there.")
        self._places[number] = place


class RemoteFile(io.RawIOBase):
    """An object that is open for reading.

    Args:
        path: of the object.

    Raises:
        NoObject: if there is none.
        StorageError: if it cannot be read; from reading, too.
    """

    def __init__(self, path: RemotePath) -> None:
        super().__init__()
        self.path, self.blocks, self._at = path, _blocks_of(path), 0
        # FFmpeg goes by a file's suffix where its bytes could be several things.
        self.name = f"/{path.name}"

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.blocks.info.size}
        at = start[whence] + offset
        if at < 0:
            raise ValueError(f"there is no place {at} in {self.path}")
        self._at = at
        return at

    def read(self, size: int | None = -1) -> bytes:
        parts, left = [], self.blocks.info.size if size is None or size < 0 else size
        while left > 0 and (part := self.blocks.read(self._at, left)):
            self._at += len(part)
            left -= len(part)
            parts.append(part)
        return b"".join(parts)

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: Any) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def _blocks_of(path: RemotePath) -> Blocks:
    """The blocks of an object: those that were read a moment ago where it is still the same."""
    info = path.known or info_of(path)
    is_large = info.size > BLOCK_BYTES  # a small record that is looked up displaces no film
    with _lock:
        found = _latest.get(is_large)
        state = path, info.tag, info.size
        if found is None or (found.path, found.info.tag, found.info.size) != state:
            found = _latest[is_large] = Blocks(path, info)
        return found
