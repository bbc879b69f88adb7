"""A part of a file that is not of the library: decoded, and as small as the library's proxies."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from eruv.clips.reader import ClipReader
from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.media.damage import UnreadableVideo
from eruv.media.opening import open_media
from eruv.media.orientation import orientation_of_frame
from eruv.media.proxy import ProxySettings, ProxyWriter
from eruv.media.scaling import Scaler
from eruv.media.seeking import frames_from
from eruv.media.video import VideoSource
from eruv.models.embedding import Clips, window_frames, windows
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError

# Read before a part, so that one that is shorter than a window has frames around it.
BEFORE_S = 1.0
SLACK_S = 0.001  # containers round times
REPORT_FRAMES = 32
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


@dataclass(frozen=True)
class FilePart:
    """Frames of a file around a part of it.

    Attributes:
        proxy: with these frames alone, from 0.
        times_s: of these frames (n,).
        first, end: those of the part.
        width, height: of the upright picture of the file.
    """

    proxy: Path
    times_s: NDArray[np.float64]
    first: int
    end: int
    width: int
    height: int

    def spans(self, every_s: float, most: int) -> list[tuple[int, int]]:
        """At most so many windows in the part; one about its middle where it is too short."""
        if self.end - self.first >= CLIP_FRAMES:
            found = windows(self.times_s[: self.end], [(self.first, self.end)], every_s)
            places = np.linspace(0, len(found) - 1, min(most, len(found))).astype(int)
            return [found[place] for place in places]
        middle = (self.first + self.end) // 2
        start = max(0, min(middle - CLIP_FRAMES // 2, len(self.times_s) - CLIP_FRAMES))
        return [(start, min(start + CLIP_FRAMES, len(self.times_s)))]

    def clips(self, settings: ProxySettings, size: ClipSize, every_s: float, most: int) -> Clips:
        """Pixels of the windows (B, 16, crop, crop, 3)."""
        reader = ClipReader([self.proxy], settings, size)
        try:
            spans = self.spans(every_s, most)
            return reader.read_all([ClipSpec(0, window_frames(one), size.centre) for one in spans])
        finally:
            reader.close()


@contextmanager
def read_part(
    path: Path, start_s: float | None, end_s: float | None, settings: ProxySettings
) -> Iterator[FilePart]:
    """The frames of a file between two times; within the block.

    A file with an index is read from the key frame before the part on, and never beyond it.

    Args:
        path: of the file.
        start_s, end_s: by the file's clock; None is where it starts, or ends.
        settings: of the proxies of the library that is searched.

    Raises:
        EruvError: if the file is no video, or ends before the part.
    """
    with TemporaryDirectory(prefix="eruv-") as folder:
        proxy = Path(folder) / "part.mp4"
        try:
            times_s, reached_s, shape = _write(path, start_s, end_s, proxy, settings)
        except UnreadableVideo as error:
            raise EruvError(f"{path}: {error}") from error
        first = 0 if start_s is None else int(np.searchsorted(times_s, start_s - SLACK_S))
        end = len(times_s) if end_s is None else int(np.searchsorted(times_s, end_s - SLACK_S))
        if first == len(times_s):
            raise EruvError(
                f"{path} ends at {reached_s:.1f} s; got a stretch from {start_s or 0.0:g} s on"
            )
        yield FilePart(proxy, times_s, first, max(end, first + 1), *shape)


def is_picture(path: Path) -> bool:
    """Whether a file is a picture, by its suffix."""
    return path.suffix.lower() in PICTURES


def picture_clip(path: Path, size_for: Callable[[int, int], ClipSize]) -> Clips:
    """A picture as a clip that does not move (1, 16, crop, crop, 3).

    Args:
        path: of the file.
        size_for: scaling and crop, by width and height of the upright picture.

    Raises:
        EruvError: if it cannot be read.
    """
    try:
        with open_media(path) as container:
            frame = next(container.decode(video=0))
    except (av.error.FFmpegError, StopIteration, ValueError, IndexError) as error:
        raise EruvError(f"{path} is not a readable picture: {error}") from error
    orientation = orientation_of_frame(frame)
    size = size_for(*orientation.shown_size(frame.width, frame.height))
    (plane,) = Scaler(size.height, size.width, "rgb24").planes(frame, orientation)
    row, column = size.centre
    cropped = plane[row : row + size.crop, column : column + size.crop]
    return np.repeat(cropped[None, None], CLIP_FRAMES, axis=1)


def _write(
    path: Path,
    start_s: float | None,
    end_s: float | None,
    proxy: Path,
    settings: ProxySettings,
) -> tuple[NDArray[np.float64], float, tuple[int, int]]:
    """Write the frames of a part, a second before it, and a window's after it.

    Returns:
        Times of the frames written, that of the last that was read, and width and height.
    """
    from_s = None if start_s is None else start_s - BEFORE_S
    with VideoSource(path) as properties:
        rate, length_s = properties.rate, properties.stated_duration_s
    scaler = Scaler(settings.height, settings.width, "yuv420p")
    times, reached_s, after = array("d"), 0.0, 0
    with ProxyWriter(proxy, settings, rate) as writer, Progress("query", length_s) as progress:
        for frame in frames_from(path, from_s, threads=0):
            reached_s = frame.time_s
            if from_s is not None and reached_s < from_s:
                continue
            after += end_s is not None and reached_s >= end_s
            if after >= CLIP_FRAMES:
                break
            orientation = orientation_of_frame(frame.picture)
            writer.write(scaler.planes(frame.picture, orientation))
            times.append(reached_s)
            if len(times) % REPORT_FRAMES == 0:
                progress.update(reached_s, "reading")
        if not times:  # an empty file cannot be finished
            orientation = orientation_of_frame(frame.picture)
            writer.write(scaler.planes(frame.picture, orientation))
        shape = orientation.shown_size(frame.picture.width, frame.picture.height)
    return np.array(times, np.float64), reached_s, shape
