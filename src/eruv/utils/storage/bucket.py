"""Requests to a bucket: sizes, listings, ranges, and whole objects; retried with back-off."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from eruv.utils.console import say
from eruv.utils.storage.connection import store_of
from eruv.utils.storage.errors import NoObject, ObjectChanged
from eruv.utils.storage.refusals import refusal, unreachable
from eruv.utils.storage.remote_path import ObjectInfo, RemotePath

# All in all about as long as a server takes to come back from a restart, and less than what a
# worker may be silent.
ATTEMPTS = 8
FEW_ATTEMPTS = 3  # where someone waits for a page
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 10.0
SILENT_ATTEMPTS = 4  # later ones are reported

Answer = TypeVar("Answer")


def retried(path: RemotePath, ask: Callable[[Any], Answer], most: int = ATTEMPTS) -> Answer:
    """The answer to a request, retried with growing pauses while its failure is transient.

    Args:
        path: that the request is about.
        ask: makes it of the bucket; must do no harm when made twice.
        most: attempts; few where someone waits.

    Raises:
        NoObject: if the object is not there.
        ObjectRefused: if it may not be read or written.
        ObjectChanged: if it is not the expected one.
        StorageError: for any other refusal, or if nothing helped.
    """
    store = store_of(path)
    for attempt in attempts(most):
        try:
            return ask(store)
        except Exception as error:
            refused = refusal(error, path)
            if refused is not None:
                raise refused from error
            if attempt == most:
                raise unreachable(error, path, most) from error
            if attempt > SILENT_ATTEMPTS:
                say(f"{path}: no answer yet; trying again")
    raise AssertionError


def attempts(most: int = ATTEMPTS) -> Iterator[int]:
    """Numbers from 1 to `most`, with a growing pause before each but the first."""
    wait_s = FIRST_WAIT_S
    for attempt in range(1, most + 1):
        yield attempt
        # Many processes that failed together must not come back together.
        time.sleep(wait_s * random.uniform(0.5, 1.0))
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def info_of(path: RemotePath, most: int = ATTEMPTS) -> ObjectInfo:
    """Size and tag of an object.

    Args:
        path: of the object.
        most: attempts; few where someone waits.

    Raises:
        NoObject: if there is none.
    """

    def ask(store: Any) -> Any:
        try:
            return store.head(path.key)
        except FileNotFoundError:
            raise
        except Exception:  # it has no body that says why, other answers have
            return store.get(path.key).meta

    return _info(retried(path, ask, most))


def holds_objects(path: RemotePath) -> bool:
    """Whether there are objects below a folder; a bucket may be empty.

    Raises:
        StorageError: if there is no such bucket.
    """
    found = _listed(path)
    return not path.key or bool(found["objects"] or found["common_prefixes"])


def folder_below(path: RemotePath) -> tuple[list[RemotePath], list[RemotePath]]:
    """Objects directly in a folder, and the folders in it, both sorted.

    What no path can name, as an empty part between slashes, is left out.
    """
    found, files = _listed(path), []
    for entry in found["objects"]:
        if _can_be_a_path(entry["path"]):
            files.append(path.at(entry["path"]))
            files[-1].known = _info(entry)
    folders = [path.at(one) for one in found["common_prefixes"] if _can_be_a_path(one)]
    return sorted(files), sorted(folders)


def all_below(path: RemotePath) -> Iterator[RemotePath]:
    """All objects below a folder."""
    files, folders = folder_below(path)
    yield from files
    for folder in folders:
        yield from all_below(folder)


def _listed(path: RemotePath) -> Any:
    return retried(path, lambda store: store.list_with_delimiter(path.key or None))


def _can_be_a_path(key: str) -> bool:
    return all(part not in ("", ".", "..") for part in key.rstrip("/").split("/"))


def read_range(path: RemotePath, start: int, end: int, tag: str = "") -> bytes:
    """Bytes [start, end) of an object, which has so many.

    Args:
        path: of the object.
        start, end: of the bytes, at least one.
        tag: that the object has; empty for any.

    Raises:
        ObjectChanged: if it has another one by now.
    """
    options = {"range": (start, end)} | ({"if_match": tag} if tag else {})

    def ask(store: Any) -> bytes:
        found = bytes(store.get(path.key, options=options).bytes())
        if len(found) != end - start:
            raise ConnectionError(f"{len(found):,} of {end - start:,} bytes came")
        return found

    return retried(path, ask)


def read_small(path: RemotePath, most: int = ATTEMPTS) -> tuple[bytes, ObjectInfo] | None:
    """The bytes of a small object, with what they are of; None if there is none."""

    def ask(store: Any) -> tuple[bytes, ObjectInfo]:
        found = store.get(path.key)
        return bytes(found.bytes()), _info(found.meta)

    try:
        return retried(path, ask, most)
    except NoObject:
        return None


def write_object(path: RemotePath, content: Path | bytes) -> None:
    """Make an object of a local file, or of bytes; it appears whole."""
    retried(path, lambda store: store.put(path.key, content))


def write_if(path: RemotePath, content: bytes, there: ObjectInfo | None = None) -> bool:
    """Make an object if there is none, or in the place of the one that is known.

    Args:
        path: of the object.
        content: must tell the writer, by which an answer that was lost is noticed.
        there: the object that it replaces; None where there is none.

    Returns:
        Whether it was made.
    """
    mode: Any = "create"
    if there is not None:
        mode = {"e_tag": there.tag} | ({"version": there.version} if there.version else {})
    try:
        retried(path, lambda store: store.put(path.key, content, mode=mode))
    except (ObjectChanged, NoObject):
        found = read_small(path)
        return found is not None and found[0] == content
    return True


def edit_small(path: RemotePath, change: Callable[[bytes | None], bytes]) -> None:
    """Write a small object anew, such that nothing is lost that another process writes meanwhile.

    Args:
        path: of the object.
        change: what it holds, or None where there is none, to what it is to hold.

    Raises:
        ObjectChanged: if others write to it all the time.
        StorageError: if it cannot be read or written.
    """
    for _ in attempts():
        found = read_small(path)
        before, there = (None, None) if found is None else found
        if write_if(path, change(before), there):
            return
    raise ObjectChanged(f"other processes keep writing to {path}. Try again.", str(path))


def remove(path: RemotePath) -> None:
    """Remove an object, which may be gone."""
    with suppress(NoObject):
        retried(path, lambda store: store.delete(path.key))


def _info(meta: Any) -> ObjectInfo:
    modified_s = meta["last_modified"].timestamp()
    return ObjectInfo(meta["size"], meta["e_tag"] or "", modified_s, meta["version"] or "")
