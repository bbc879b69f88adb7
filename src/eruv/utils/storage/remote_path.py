"""Addresses on object storage as paths, so that who reads a file needs not know where it lies.

A `RemotePath` is a `Path` of which names, parents and parts work as usual, while whatever touches
the file asks the bucket. What object storage cannot do (rename, link) is refused.
"""

import io
import os
import re
import stat
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PosixPath
from typing import Any, NoReturn, Self, TypeGuard

from eruv.utils.errors import EruvError
from eruv.utils.storage.errors import NoObject

SCHEMES = ("s3", "gs")
# `Path` halves the slashes of an address that passes through it.
_ADDRESS = re.compile(rf"({'|'.join(SCHEMES)}):/{{1,2}}(?=[^/])")


@dataclass(frozen=True)
class ObjectInfo:
    """What a bucket says of an object.

    Attributes:
        size: in bytes.
        tag: changes with the bytes (ETag).
        modified_s: when it was written, in seconds since 1970.
        version: of servers that number what is written to one name; empty elsewhere.
    """

    size: int
    tag: str
    modified_s: float
    version: str = ""


class RemotePath(PosixPath):
    """An object or a folder on object storage.

    Attributes:
        known: what a listing said of it, which is not requested again; None for a named path.
    """

    known: ObjectInfo | None = None

    def __str__(self) -> str:
        return _ADDRESS.sub(r"\1://", super().__str__(), count=1)

    def __fspath__(self) -> str:
        return str(self)

    @property
    def scheme(self) -> str:
        return self.parts[0].rstrip(":")

    @property
    def bucket(self) -> str:
        return self.parts[1]

    @property
    def key(self) -> str:
        """Its name in the bucket; empty for the bucket itself."""
        return "/".join(self.parts[2:])

    def at(self, key: str) -> "RemotePath":
        """Another object of the bucket."""
        return RemotePath(self.parts[0], self.bucket, key)

    def is_absolute(self) -> bool:
        return bool(_ADDRESS.match(str(self)))

    def absolute(self) -> Self:
        return self

    def resolve(self, strict: bool = False) -> Self:
        return self

    def info(self) -> ObjectInfo:
        """What the bucket says of this object.

        Raises:
            NoObject: if there is none.
            StorageError: if the bucket does not answer, or refuses.
        """
        from eruv.utils.storage.bucket import info_of

        return self.known or info_of(self)

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        info = self.info()
        times = (int(info.modified_s),) * 3
        inode = int.from_bytes(info.tag.encode()[-8:].rjust(8, b"\0"))
        numbers = (stat.S_IFREG | 0o444, inode, 0, 1, 0, 0, info.size, *times)
        return os.stat_result(numbers, {"st_mtime_ns": int(info.modified_s * 1e9)})

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        return self.is_file() or self.is_dir()

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        if not self.key:
            return False
        try:
            self.info()
        except NoObject:
            return False
        return True

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        from eruv.utils.storage.bucket import holds_objects

        return self.known is None and holds_objects(self)

    def open(self, mode: str = "r", *args: Any, **more: Any) -> Any:
        """Open an object for reading, in ranges; see `eruv.utils.storage.ranges`."""
        from eruv.utils.storage.ranges import RemoteFile

        if mode not in ("r", "rb", "rt"):
            self._cannot(f"be opened in the mode {mode!r}")
        file = RemoteFile(self)
        if mode == "rb":
            return file
        return io.TextIOWrapper(io.BufferedReader(file), encoding=more.get("encoding") or "utf-8")

    def written(self) -> AbstractContextManager[Path]:
        """A local path to write to, which becomes this object; see `whole_file`."""
        from eruv.utils.storage.local_copy import uploaded

        return uploaded(self)

    def unlink(self, missing_ok: bool = False) -> None:
        from eruv.utils.storage.bucket import remove

        remove(self)

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: object storage has no folders, only names with slashes."""

    def glob(self, pattern: str, **more: Any) -> Generator[Self, None, None]:
        """Objects below this folder whose name from here on is like a pattern."""
        from eruv.utils.storage.bucket import all_below

        steps = len(Path(pattern).parts)
        found: Iterable[Any] = all_below(self)
        for path in found:
            inner = path.relative_to(self)
            if len(inner.parts) == steps and inner.match(pattern):
                yield path

    def _cannot(self, what: str) -> NoReturn:
        raise EruvError(f"{self} is on object storage and cannot {what}. Pass a local file.")

    def write_bytes(self, data: Any) -> int:
        self._cannot("be written in place")

    def write_text(self, *args: Any, **more: Any) -> int:
        self._cannot("be written in place")

    def touch(self, *args: Any, **more: Any) -> None:
        self._cannot("be written in place")

    def rename(self, target: Any) -> Self:
        self._cannot("be renamed")

    def replace(self, target: Any) -> Self:
        self._cannot("be renamed")

    def symlink_to(self, *args: Any, **more: Any) -> None:
        self._cannot("be a link")


def is_remote(path: Path) -> TypeGuard[RemotePath]:
    """Whether a path is on object storage."""
    return isinstance(path, RemotePath)


def is_address(text: str | Path) -> bool:
    """Whether a text, or a path made of it, names something on object storage."""
    return bool(_ADDRESS.match(str(text)))


def place(path: str | Path) -> Path:
    """A path as a user names it: an address is remote, all else is local.

    A local folder that is called `s3:` has to be named by its absolute path.

    Raises:
        EruvError: for an address whose name a path would change.
    """
    if isinstance(path, RemotePath):
        return path
    if not is_address(path):
        return Path(path)
    found = RemotePath(path)
    if isinstance(path, str) and str(found) != path.rstrip("/"):
        raise EruvError(
            f"the address {path} has an empty part or a dot for one, which eruv cannot name. "
            f"Rename the object, or copy it to a local file."
        )
    return found


def absolute(path: str | Path) -> Path:
    """As `place`, absolute; links and dots of a local path are left to `os.path.abspath`."""
    found = place(path)
    return found if is_remote(found) else Path(os.path.abspath(found))
