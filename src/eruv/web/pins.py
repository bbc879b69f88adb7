"""Moments that people keep: a list in the library's folder."""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError

FILE = "pins.json"
MOST_PINS = 10_000


@dataclass(frozen=True)
class Pin:
    """Seconds [start_s, end_s] of a video, by the file's clock."""

    video_id: str
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s < 1e9:
            raise EruvError(
                f"a pinned moment begins before it ends; got {self.start_s} and {self.end_s}."
            )

    @property
    def key(self) -> str:
        """Names it in forms and on pages, to the millisecond."""
        return f"{self.video_id}-{round(1000 * self.start_s)}-{round(1000 * self.end_s)}"


class Pins:
    """The list, in the order in which moments were pinned.

    It lies in the library and not in a browser, so that a phone and a desktop share it and a
    program can read it.

    Args:
        folder: of the library.
    """

    def __init__(self, folder: Path) -> None:
        self.path, self.lock = folder / FILE, threading.Lock()

    def all(self) -> list[Pin]:
        """All pins.

        Raises:
            EruvError: if the file is damaged.
        """
        try:
            return [Pin(**one) for one in json.loads(self.path.read_text())["pins"]]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, KeyError) as error:
            raise EruvError(f"{self.path.name} is damaged: {error}. Remove it.") from error

    def keys(self) -> set[str]:
        """Keys of all pins; none where the file is damaged, since pages are useful without."""
        try:
            return {pin.key for pin in self.all()}
        except EruvError:
            return set()

    def add(self, pin: Pin) -> None:
        """Put a moment at the end, unless it is there.

        Raises:
            EruvError: if the list is full.
        """
        with self.lock:
            pins = self.all()
            if len(pins) >= MOST_PINS:
                raise EruvError(f"a list has at most {MOST_PINS:,} moments. Remove some first.")
            if pin.key not in {one.key for one in pins}:
                self._write([*pins, pin])

    def remove(self, key: str) -> None:
        """Take a moment out; nothing happens if it is not there."""
        with self.lock:
            self._write([pin for pin in self.all() if pin.key != key])

    def clear(self) -> None:
        """Take all out."""
        with self.lock:
            self._write([])

    def _write(self, pins: Sequence[Pin]) -> None:
        replace_text(self.path, json.dumps({"pins": [asdict(pin) for pin in pins]}, indent=1))
