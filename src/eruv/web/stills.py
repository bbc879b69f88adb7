"""Pictures of moments: from proxies where they are large enough, else from the films themselves."""

import base64
import os
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import av.error
import numpy as np

from eruv.library.catalogue import Library
from eruv.media.proxy import ProxyReader
from eruv.utils.disk_cache import DiskCache
from eruv.utils.errors import EruvError
from eruv.utils.html import jpeg
from eruv.utils.storage.errors import NoObject
from eruv.utils.storage.local_copy import local_copy
from eruv.web.allowed import Allowed
from eruv.web.bounded import BoundedChild, Bounds, Refused
from eruv.web.frame_at import ROUNDED_S

# Few heights, so that a cache holds few pictures of a moment.
HEIGHTS = (64, 96, 128, 180, 240, 360, 480, 720)
BOUNDS = Bounds(memory_bytes=4 << 30, wall_s=20, silent_s=20)


class NoStill(EruvError):
    """There is no picture: no such video, or its files are gone."""


@dataclass(frozen=True)
class _Facts:
    """What places a picture.

    Attributes:
        width, height: of the upright picture, in stored pixels.
        end_s: of the film.
        times_s, frames: knots at the edges of shots; between them frames lie evenly.
        num_frames: of the film.
    """

    width: int
    height: int
    end_s: float
    times_s: tuple[float, ...]
    frames: tuple[float, ...]
    num_frames: int

    def frame_at(self, seconds: float) -> int:
        """Number of the frame that is shown at a second; near it where rates vary in a shot."""
        place = float(np.interp(seconds + ROUNDED_S, self.times_s, self.frames))
        return min(self.num_frames - 1, max(0, int(place + 1e-6)))


class Stills:
    """Pictures of a library's videos, kept in a folder of limited size.

    Small ones come from proxies, whose frames are those of the film, in two milliseconds. Larger
    ones are decoded from the film, in a child process, exactly at the second; where the film is
    gone, on object storage, or cannot be decoded in time, from the proxy too.

    Args:
        library: of the videos.
        allowed: which films may be read.
        folder: of the pictures.
        limit_bytes: of all together.
    """

    def __init__(
        self, library: Library, allowed: Allowed, folder: Path, limit_bytes: int = 256 << 20
    ) -> None:
        self.library, self.allowed = library, allowed
        self.cache = DiskCache(folder, limit_bytes)
        self.cache.sweep(60)
        self.child = BoundedChild(BOUNDS)
        self._refused: set[str] = set()
        self._facts = lru_cache(maxsize=1024)(self._read_facts)

    def still(self, video_id: str, seconds: float, height: int) -> bytes:
        """The frame that is shown at a second, as JPEG; the same bytes for the same moment.

        Args:
            video_id: from a request, so it may be any text.
            seconds: on the film's clock; before and after it, its first and last frame.
            height: rows; the next greater of `HEIGHTS` is taken, and no more than the film has.

        Raises:
            NoStill: for an unknown video, or one whose film and proxy are gone.
        """
        if not np.isfinite(seconds):
            raise NoStill("a moment has a time.")
        if not self.allowed.knows(video_id):  # also one that was removed since
            raise NoStill("the library has no such video.")
        height = next((one for one in HEIGHTS if one >= height), HEIGHTS[-1])
        at_ms = round(1000 * min(1e9, max(-1e9, seconds)))
        name = f"{video_id}-{at_ms}-{height}.jpg"
        kept = self.cache.get(name)
        if kept is not None:
            with suppress(OSError):  # removed by another process
                return kept.read_bytes()
        picture = self._made(video_id, at_ms / 1000, height)
        with suppress(OSError):  # a full disk is no reason to show nothing
            self.cache.put(name, picture)
        return picture

    def close(self) -> None:
        """End the child process."""
        self.child.close()

    def _made(self, video_id: str, seconds: float, height: int) -> bytes:
        facts = self._facts(video_id)
        proxy = self.library.proxy_path(video_id)
        if height > self.library.settings.proxy.height or not _is_there(proxy):
            source = self.allowed.local_source(video_id)
            if source is not None and video_id not in self._refused:
                try:
                    return self._of_source(source, seconds, height, facts.end_s)
                except Refused:
                    self._refused.add(video_id)  # others wait while it is tried
        try:
            return self._of_proxy(proxy, facts, seconds, height)
        except (OSError, IndexError, av.error.FFmpegError) as error:
            raise NoStill("the film and its proxy are missing.") from error

    def _of_source(self, source: Path, seconds: float, height: int, end_s: float) -> bytes:
        found = self.child.ask(
            "still", path=os.fspath(source), seconds=seconds, height=height, end_s=end_s
        )
        return base64.b64decode(found["jpeg"])

    def _of_proxy(self, proxy: Path, facts: _Facts, seconds: float, height: int) -> bytes:
        settings = self.library.settings.proxy
        rows = min(height, 2 * settings.height, facts.height)  # beyond that it only grows blurred
        width = 2 * max(1, min(4 * rows, round(rows * facts.width / facts.height / 2)))
        with closing(ProxyReader(proxy, settings)) as reader:
            return jpeg(reader.read([facts.frame_at(seconds)], (rows, width))[0])

    def _read_facts(self, video_id: str) -> _Facts:
        row = self.library.rows_of([video_id]).get(video_id)
        if row is None:
            raise NoStill("the library has no such video.")
        knots = {row["start_s"]: 0.0, row["end_s"]: float(row["num_frames"])}
        for (start, end), (start_s, end_s) in zip(row["shots"], row["shots_s"], strict=True):
            knots |= {start_s: float(start), end_s: float(end)}
        times_s = sorted(knots)
        return _Facts(
            row["width"],
            row["height"],
            row["end_s"],
            tuple(times_s),
            tuple(knots[time_s] for time_s in times_s),
            row["num_frames"],
        )


def _is_there(proxy: Path) -> bool:
    """Whether a proxy can be read; one on object storage is fetched."""
    try:
        return local_copy(proxy).is_file()
    except NoObject:
        return False
