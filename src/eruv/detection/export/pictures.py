"""Pictures of chosen frames, upright and with square pixels; one JPEG file of each shot."""

from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from eruv.detection.detect import REPORT_FRAMES, ShotList
from eruv.detection.export.own_files import (
    PICTURE_SUFFIXES,
    comment_of,
    picture_names,
    remove_stale,
    with_comment,
)
from eruv.detection.joined import open_film
from eruv.media.orientation import Orientation, orientation_of_frame
from eruv.media.scaling import plane_of
from eruv.utils.atomic import WholeFiles
from eruv.utils.errors import EruvError
from eruv.utils.html import jpeg

OnFrames = Callable[[int], None]


def middle_frame(start: int, end: int) -> int:
    """The frame in the middle of [start, end)."""
    return (start + end - 1) // 2


def write_pictures(
    shots: ShotList,
    folder: Path,
    stem: str,
    *,
    threads: int = 0,
    on_frames: OnFrames = lambda count: None,
) -> list[Path]:
    """Write the middle frame of each shot as a JPEG file in its own size, and remove stale ones.

    Args:
        shots: of the video.
        folder: for the files; it exists.
        stem: of the names: STEM-001.jpg, STEM-002.jpg ...
        threads: decoding threads; 0 takes one per core.
        on_frames: called now and then with the number of frames done.

    Raises:
        EruvError: if the video has changed.
        OSError: if a file cannot be written.
        UnreadableVideo: if the video can no longer be read.
    """
    paths = [folder / name for name in picture_names(shots, stem)]
    numbers = {
        middle_frame(shot.start, shot.end): number
        for number, shot in enumerate(shots.shots, start=1)
    }
    written = 0
    with WholeFiles() as files:
        for frame, picture in pictures_of(
            shots.files, numbers, None, threads=threads, on_frames=on_frames
        ):
            number = numbers[frame]
            data = with_comment(jpeg(picture), comment_of(shots, number))
            files.partial(paths[number - 1]).write_bytes(data)
            written += 1
        if written < len(paths):
            raise EruvError(
                f"{shots.path} has changed since its shots were found. Run eruv shots again."
            )
    remove_stale(shots, folder, stem, paths, PICTURE_SUFFIXES)
    on_frames(shots.num_frames)
    return paths


def pictures_of(
    files: Sequence[Path],
    frames: Collection[int],
    side: int | None,
    *,
    threads: int = 0,
    on_frames: OnFrames = lambda count: None,
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Numbers and RGB pictures (H, W, 3) of frames, in order; numbers beyond the video are ignored.

    Args:
        files: of the film.
        frames: numbers in order of display.
        side: longest side of a picture in pixels; None keeps the height of the stored picture.
        threads: decoding threads; 0 takes one per core.
        on_frames: called now and then with the number of frames done.

    Raises:
        UnreadableVideo: if the video can no longer be read.
    """
    chosen = set(frames)
    last = max(chosen, default=-1)
    reformatter = VideoReformatter()
    with open_film(files, threads) as source:
        aspect = source.stream.sample_aspect_ratio or Fraction(1)
        for number, frame in enumerate(source.frames()):
            if number in chosen:
                orientation = orientation_of_frame(frame.picture)
                yield number, _upright(reformatter, frame.picture, orientation, aspect, side)
            if number % REPORT_FRAMES == 0:
                on_frames(number + 1)
            if number >= last:
                break


def picture_size(width: int, height: int, aspect: Fraction, side: int | None) -> tuple[int, int]:
    """Even width and height of a picture with square pixels.

    Args:
        width, height: of the stored picture.
        aspect: of a pixel.
        side: of the square that it fits into; None keeps the height.
    """
    shown = width * float(aspect if aspect > 0 else 1)
    factor = 1.0 if side is None else side / max(shown, height)
    return max(2, 2 * round(shown * factor / 2)), max(2, 2 * round(height * factor / 2))


def _upright(
    reformatter: VideoReformatter,
    frame: av.VideoFrame,
    orientation: Orientation,
    aspect: Fraction,
    side: int | None,
) -> NDArray[np.uint8]:
    width, height = picture_size(frame.width, frame.height, aspect, side)
    scaled = reformatter.reformat(
        frame, width=width, height=height, format="rgb24", dst_color_range=ColorRange.JPEG
    )
    return orientation.apply(plane_of(scaled, 0))
