"""Read the pixels of clip specs; the only place where pretext pixels are read."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from eruv.clips.spec import IN_PLACE, ClipSize, ClipSpec
from eruv.media.proxy import ProxyReader, ProxySettings, pack_planes
from eruv.utils.errors import EruvError

MAX_OPEN_PROXIES = 32


class ProxyPathOf(Protocol):
    """Paths of proxies by the video's number: a list, or an object that computes them on demand."""

    def __getitem__(self, video: int, /) -> Path: ...


class ClipReader:
    """Reads clips from proxies, keeping a bounded number of them open.

    Args:
        proxies: path of each video's proxy, by the video's number.
        settings: how the proxies were written.
        size: scaling and crop.

    Attributes:
        on_video: called with the number of each video before it is read; may be set.
    """

    def __init__(self, proxies: ProxyPathOf, settings: ProxySettings, size: ClipSize) -> None:
        self.proxies = proxies
        self.settings = settings
        self.size = size
        self.on_video: Callable[[int], None] = lambda video: None
        self.open: OrderedDict[int, ProxyReader] = OrderedDict()

    def read(self, spec: ClipSpec) -> NDArray[np.uint8]:
        """One clip, RGB, (T, crop, crop, 3)."""
        return self.read_all([spec])[0]

    def read_all(self, specs: Sequence[ClipSpec]) -> NDArray[np.uint8]:
        """Clips of one length, RGB, (N, T, crop, crop, 3).

        Where frames of one clip lie among those of another, both are decoded in one pass.
        """
        crop, num_frames = self.size.crop, len(specs[0].frames)
        clips = np.empty((len(specs), num_frames, crop, crop, 3), np.uint8)
        # Filling the turned view with upright pictures turns the clip.
        upright = [
            np.rot90(clip, -spec.quarter_turns, axes=(1, 2))
            for clip, spec in zip(clips, specs, strict=True)
        ]
        for proxy, frame, places in self._frames(specs):
            whole = proxy.rgb(frame, self.size.height, self.size.width)
            for clip, position in places:
                row, column = specs[clip].offset
                upright[clip][position] = whole[row : row + crop, column : column + crop]
        for pixels, spec in zip(clips, specs, strict=True):
            if spec.tiles != IN_PLACE:
                move_tiles(pixels, spec.tiles)
        return clips

    def read_planes(self, specs: Sequence[ClipSpec]) -> NDArray[np.uint8]:
        """Whole frames of clips of one length, as they are decoded, (N, T, 3H/2, W).

        `eruv.clips.planes` says how planes lie in them, and makes of them what `read_all` gives.
        """
        height, width = self.settings.height, self.settings.stored_width
        shape = len(specs), len(specs[0].frames), height + height // 2, width
        clips = np.empty(shape, np.uint8)
        for _, frame, places in self._frames(specs):
            for place in places:
                pack_planes(frame, clips[place])
        return clips

    def _frames(
        self, specs: Sequence[ClipSpec]
    ) -> Iterator[tuple[ProxyReader, av.VideoFrame, list[tuple[int, int]]]]:
        """Each frame of the clips, decoded once, and its places: numbers of clip and position."""
        for group in _overlapping(specs):
            places: dict[int, list[tuple[int, int]]] = {}
            for clip in group:
                for position, number in enumerate(specs[clip].frames):
                    places.setdefault(number, []).append((clip, position))
            video = specs[group[0]].video
            self.on_video(video)
            proxy = self._proxy(video)
            try:
                for number, frame in proxy.frames(places):
                    yield proxy, frame, places[number]
            except (av.FFmpegError, IndexError) as error:
                if max(places) >= proxy.stream.frames:
                    raise  # no fault of the file
                raise proxy_error(proxy.path, error) from error

    def _proxy(self, video: int) -> ProxyReader:
        reader = self.open.get(video)
        if reader is None:
            reader = self.open[video] = self._opened(self.proxies[video])
            if len(self.open) > MAX_OPEN_PROXIES:
                self.open.popitem(last=False)[1].close()
        self.open.move_to_end(video)
        return reader

    def _opened(self, path: Path) -> ProxyReader:
        try:
            return ProxyReader(path, self.settings)
        except (av.FFmpegError, IndexError, FileNotFoundError) as error:
            raise proxy_error(path, error) from error

    def close(self) -> None:
        """Close all proxies."""
        for reader in self.open.values():
            reader.close()
        self.open.clear()


def proxy_error(path: Path, error: Exception) -> EruvError:
    """The error of a proxy that is missing or cannot be decoded, with its remedy."""
    what = "gone" if isinstance(error, FileNotFoundError) else f"damaged ({error})"
    return EruvError(
        f"the proxy {path} is {what}. Rebuild it with eruv repair LIBRARY, and run the same "
        f"command again."
    )


def move_tiles(clip: NDArray[Any], tiles: Sequence[int]) -> None:
    """Show tile `tiles[p]` of a clip (T, side, side, ...) at each place p of 2×2, in place.

    Where the side is odd, the middle row and the middle column stay: halves of unequal size could
    not change places, and so no pixel is lost or shown twice.
    """
    half = clip.shape[1] // 2
    parts = (slice(0, half), slice(clip.shape[1] - half, None))
    before = clip.copy()
    for place, tile in enumerate(tiles):
        shown = before[:, parts[tile // 2], parts[tile % 2]]
        clip[:, parts[place // 2], parts[place % 2]] = shown


def _overlapping(specs: Sequence[ClipSpec]) -> list[list[int]]:
    """Numbers of clips, grouped by video where the ranges of their frames overlap."""
    groups: list[list[int]] = []
    last_video, last_frame = -1, -1
    for number in sorted(range(len(specs)), key=lambda n: (specs[n].video, min(specs[n].frames))):
        spec = specs[number]
        if spec.video == last_video and min(spec.frames) <= last_frame:
            groups[-1].append(number)
        else:
            groups.append([number])
            last_frame = -1
        last_video, last_frame = spec.video, max(last_frame, *spec.frames)
    return groups
