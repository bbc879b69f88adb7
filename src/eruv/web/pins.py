"""Moments that people keep: a list in the library's folder."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError
from eruv.utils.storage.bucket import FEW_ATTEMPTS, edit_small, read_small
from eruv.utils.storage.remote_path import is_remote

FILE = "pins.json"
MOST_PINS = 10_000
FRESH_S = 2.0  # after which an object is read again: every page shows how many there are


@dataclass(frozen=True)
class Pin:
    """Seconds [start_s, end_s] of a video, by the file's clock."""

    video_id: str
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s < 1e9:
            raise EruvError(
                f"a pinned moment must begin before it ends; got {self.start_s} and {self.end_s}."
            )

    @property
    def key(self) -> str:
        """Names it in forms and on pages, to the millisecond."""
        return f"{self.video_id}-{round(1000 * self.start_s)}-{round(1000 * self.end_s)}"


class Pins:
    """The list, in the order in which moments were pinned.

    It lies in the library and not in a browser, so that a phone and a desktop share it and a
    program can read it. On object storage, what two pages write at once is all kept.

    Args:
        folder: of the library, or its address.
    """

    def __init__(self, folder: Path) -> None:
        self.path, self.lock = folder / FILE, threading.Lock()
        self._read: tuple[float, list[Pin]] = (-FRESH_S, [])  # of an object, and when

    def all(self) -> list[Pin]:
        """All pins; those on object storage as they were up to two seconds ago.

        Raises:
            EruvError: if the file is damaged, or cannot be read.
        """
        if not is_remote(self.path):
            try:
                return self._pins(self.path.read_bytes())
            except FileNotFoundError:
                return []
        with self.lock:
            if time.monotonic() - self._read[0] > FRESH_S:
                found = read_small(self.path, FEW_ATTEMPTS)
                self._read = (time.monotonic(), [] if found is None else self._pins(found[0]))
            return self._read[1]

    def _pins(self, content: bytes) -> list[Pin]:
        try:
            return [Pin(**one) for one in json.loads(content)["pins"]]
        except (ValueError, TypeError, KeyError) as error:
            raise EruvError(f"{self.path.name} is damaged: {error}. Remove it.") from error

    def keys(self) -> set[str]:
        """Keys of all pins; none where they cannot be read, since pages are useful without."""
        try:
            return {pin.key for pin in self.all()}
        except EruvError:
            return set()

    def add(self, pin: Pin) -> None:
        """Put a moment at the end, unless it is there.

        Raises:
            EruvError: if the list is full.
        """

        def added(pins: list[Pin]) -> list[Pin]:
            if len(pins) >= MOST_PINS:
                raise EruvError(
                    f"a list can have at most {MOST_PINS:,} moments. Remove some first."
                )
            return pins if pin.key in {one.key for one in pins} else [*pins, pin]

        self._change(added)

    def remove(self, key: str) -> None:
        """Take a moment out; nothing happens if it is not there."""
        self._change(lambda pins: [pin for pin in pins if pin.key != key])

    def clear(self) -> None:
        """Take all out."""
        self._change(lambda pins: [])

    def _change(self, change: Callable[[list[Pin]], list[Pin]]) -> None:
        with self.lock:
            if not is_remote(self.path):
                self._write(change(self.all()))
                return
            after: list[Pin] = []

            def changed(content: bytes | None) -> bytes:
                after[:] = change([] if content is None else self._pins(content))
                return _text(after).encode()

            edit_small(self.path, changed)
            self._read = (time.monotonic(), after)

    def _write(self, pins: Sequence[Pin]) -> None:
        replace_text(self.path, _text(pins))


def _text(pins: Sequence[Pin]) -> str:
    return json.dumps({"pins": [asdict(pin) for pin in pins]}, indent=1)
