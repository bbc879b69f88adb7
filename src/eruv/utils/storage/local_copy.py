"""Objects as local files, in a cache of limited size: for what FFmpeg opens by its name."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from errno import ENOSPC
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from eruv.utils.disk_cache import PARTIAL, DiskCache
from eruv.utils.errors import EruvError
from eruv.utils.paths import shortened
from eruv.utils.storage.bucket import info_of, read_range, write_object
from eruv.utils.storage.errors import StorageError
from eruv.utils.storage.remote_path import ObjectInfo, RemotePath, is_remote

FOLDER, LIMIT = "ERUV_CACHE", "ERUV_CACHE_GB"
USUAL_GB = 20.0
PART_BYTES = 8 << 20
PARTS_AT_ONCE = 4
# A copy that was just requested is about to be opened.
SPARED_S = 60.0
ABANDONED_S = 86_400.0
SPARE_BYTES = 256 << 20
LONGEST_STEM = 200  # bytes

# Names of the copies that this process has compared with their objects.
_compared: dict[str, str] = {}
MOST_COMPARED = 100_000


def local_copy(path: Path) -> Path:
    """A local file with the bytes of a path: itself, or a copy of the object.

    Whether the object is still that of the copy is checked once in a process.

    Raises:
        NoObject: if there is none.
        StorageError: if it cannot be read.
    """
    if not is_remote(path):
        return path
    kept = _compared.get(str(path))
    if kept is not None and (copy := _objects().get(kept)) is not None:
        return copy
    info = info_of(path)
    name = _name(path, info)
    copy = _objects().get(name) or _fetched(path, info, name)
    _note(path, name)
    return copy


@contextmanager
def uploaded(path: RemotePath) -> Iterator[Path]:
    """A local path to write to, which becomes an object once the block ends without an error."""
    objects = _objects()
    partial = objects.folder / f".{uuid4().hex}{PARTIAL}"
    try:
        yield partial
        write_object(path, partial)
        name = _name(path, info_of(path))
        os.replace(partial, objects.path(name))
        objects.added(objects.path(name))
        _note(path, name)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def borrowed(path: Path, on_share: Callable[[float], None] = lambda share: None) -> Iterator[Path]:
    """Within its block a local file with the bytes of a path: itself, or a copy of the object.

    The copy has the object's name and does not count for the cache. What is still kept of an object
    that was read before is not fetched again. What a killed process leaves goes a day later.

    Args:
        path: of a file or an object.
        on_share: called with the share that was fetched, from 0 to 1.

    Raises:
        NoObject: if there is none.
        StorageError: if it cannot be read.
        EruvError: if the disk has no room for it.
    """
    if not is_remote(path):
        yield path
        return
    folder = _objects().folder
    with TemporaryDirectory(prefix=".", suffix=PARTIAL, dir=folder) as home:
        copy = Path(home) / (shortened(path.stem, LONGEST_STEM) + path.suffix)
        try:
            with path.open("rb") as source, copy.open("wb") as file:
                size = path.stat().st_size
                if shutil.disk_usage(folder).free < size + SPARE_BYTES:
                    raise OSError(ENOSPC, os.strerror(ENOSPC))
                while piece := source.read(PART_BYTES):
                    file.write(piece)
                    on_share(file.tell() / size)
        except StorageError:
            raise
        except OSError as error:
            raise _not_kept(path, folder, error) from error
        yield copy


def cache_folder() -> Path:
    """The folder for copies, made if it is missing.

    Raises:
        EruvError: if it cannot be made.
    """
    chosen = os.environ.get(FOLDER)
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(chosen) if chosen else Path(home).expanduser() / "eruv" / "objects"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        raise EruvError(
            f"files on object storage need a local folder for copies, which cannot be made: "
            f"{error}. Set {FOLDER} to a writable folder."
        ) from error
    return folder


@cache
def _objects() -> DiskCache:
    text = os.environ.get(LIMIT, str(USUAL_GB))
    try:
        limit = float(text)
    except ValueError:
        limit = -1.0
    if not 0 <= limit < float("inf"):
        raise EruvError(
            f"{LIMIT} must be a number of gigabytes, for copies of objects; got {text!r}."
        )
    found = DiskCache(cache_folder(), round(limit * 1e9), SPARED_S)
    found.sweep(ABANDONED_S)
    return found


def _name(path: RemotePath, info: ObjectInfo) -> str:
    made_of = f"{path}\n{info.tag}\n{info.size}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:40] + path.suffix


def _note(path: RemotePath, name: str) -> None:
    if len(_compared) >= MOST_COMPARED:
        _compared.clear()
    _compared[str(path)] = name


def _fetched(path: RemotePath, info: ObjectInfo, name: str) -> Path:
    objects = _objects()
    copy, partial = objects.path(name), objects.folder / f".{uuid4().hex}{PARTIAL}"
    starts = range(0, info.size, PART_BYTES)
    try:
        with partial.open("wb") as file, ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
            # Few at a time, since what was fetched waits in memory.
            for first in range(0, len(starts), PARTS_AT_ONCE):
                group = starts[first : first + PARTS_AT_ONCE]
                ends = [min(start + PART_BYTES, info.size) for start in group]
                tags = [info.tag] * len(ends)
                for part in pool.map(read_range, [path] * len(ends), group, ends, tags):
                    file.write(part)
        os.replace(partial, copy)
    except StorageError:
        raise
    except OSError as error:
        raise _not_kept(path, objects.folder, error) from error
    finally:
        partial.unlink(missing_ok=True)
    objects.added(copy)
    return copy


def _not_kept(path: RemotePath, folder: Path, error: OSError) -> EruvError:
    return EruvError(
        f"cannot keep a copy of {path} in {folder}: {error.strerror or error}. Make room there, or "
        f"set {FOLDER} to another folder."
    )
