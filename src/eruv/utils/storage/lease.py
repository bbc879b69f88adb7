"""One writer at a time in a folder on object storage: an object that is made by whoever is first.

The object is made on the condition that there is none, and renewed while the writer is at work, on
the condition that it is still its own. One that is not renewed any more is of a process that is
dead, and is taken over on the condition that it still is not.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import psutil

from eruv.utils.console import say
from eruv.utils.errors import EruvError
from eruv.utils.storage.bucket import FEW_ATTEMPTS, info_of, read_small, remove, write_if
from eruv.utils.storage.errors import NoObject, StorageError
from eruv.utils.storage.remote_path import ObjectInfo, RemotePath

RENEWED_S = 20.0
# After which it is watched: not by its time alone, for clocks differ.
SUSPECT_S, WATCHED_S = 90.0, 50.0


@contextmanager
def leased(folder: RemotePath, owner: str) -> Iterator[None]:
    """Lock a folder within the block.

    Args:
        folder: on object storage.
        owner: the process, for people.

    Raises:
        EruvError: if another process holds it, or took it over because this one was not heard of.
    """
    lock = _Lock(folder / ".lock", owner)
    _take(lock)
    ended, lost = threading.Event(), threading.Event()
    thread = threading.Thread(target=_renew, args=(lock, ended, lost), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        found = _Found.at(lock.path)
        if found is not None and found.record.get("token") == lock.token:
            remove(lock.path)
        else:
            lost.set()
    if lost.is_set():
        raise EruvError(
            f"another eruv process took over {folder}, since this one was silent for more than "
            f"{SUSPECT_S:.0f} s. Run eruv check on it."
        )


def is_leased(folder: RemotePath) -> bool:
    """Whether the lock of a folder was taken or renewed a moment ago, by anybody."""
    try:
        return time.time() - info_of(folder / ".lock", FEW_ATTEMPTS).modified_s < SUSPECT_S
    except NoObject:
        return False


@dataclass
class _Lock:
    path: RemotePath
    owner: str
    token: str = field(default_factory=lambda: uuid4().hex)
    renewals: int = 0

    def content(self) -> bytes:
        process = {"host": socket.gethostname(), "process": os.getpid()}
        record = {"owner": self.owner, "token": self.token, "renewals": self.renewals, **process}
        return json.dumps(record).encode()


@dataclass(frozen=True)
class _Found:
    """A lock that is there, and what it says."""

    record: dict[str, Any]
    info: ObjectInfo

    @classmethod
    def at(cls, path: RemotePath) -> Self | None:
        found = read_small(path)
        if found is None:
            return None
        content, info = found
        try:
            record = json.loads(content)
        except ValueError:
            record = {}
        return cls(record if isinstance(record, dict) else {}, info)


def _take(lock: _Lock) -> None:
    if write_if(lock.path, lock.content()):
        return
    found = _Found.at(lock.path)
    info = None if found is None else found.info
    if (found is None or _is_dead(lock.path, found)) and write_if(lock.path, lock.content(), info):
        return
    found = _Found.at(lock.path) or found
    owner = found.record.get("owner", "an unknown one") if found else "an unknown one"
    raise EruvError(
        f"another eruv process is writing to {lock.path.parent}: {owner}. Wait for it, or stop it "
        f"first. If it was killed, run the same command again after {SUSPECT_S:.0f} s."
    )


def _is_dead(path: RemotePath, found: _Found) -> bool:
    """Whether a lock's owner is gone: a process of this machine, or one that renews no more."""
    process = found.record.get("process")
    is_here = found.record.get("host") == socket.gethostname()
    # A process of this number may be another, which tells nothing.
    if is_here and isinstance(process, int) and not psutil.pid_exists(process):
        return True
    if time.time() - found.info.modified_s < SUSPECT_S:
        return False
    say(f"{path} was not renewed for long; looking for {WATCHED_S:.0f} s whether its owner lives")
    time.sleep(WATCHED_S)
    later = _Found.at(path)
    return later is not None and later.info.tag == found.info.tag


def _renew(lock: _Lock, ended: threading.Event, lost: threading.Event) -> None:
    while not ended.wait(RENEWED_S):
        try:
            found = _Found.at(lock.path)
            if found is None or found.record.get("token") != lock.token:
                lost.set()
                return
            lock.renewals += 1
            if not write_if(lock.path, lock.content(), found.info):
                lost.set()
                return
        except StorageError:
            continue  # the writer itself meets it, and says so
