"""Tiny real videos for tests, and pictures that tell where they come from.

`conftest.py` offers what is here as fixtures; a test module may also import it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Shot = tuple[int, int]  # seed of its pattern, number of frames

# Digits of a frame number are chroma levels: HOG looks at luma alone and sees no change.
DIGIT_LEVELS, DIGIT_STEP = 25, 4
MOST_NUMBERED_FRAMES = DIGIT_LEVELS**2


def pattern(seed: int, height: int, width: int, low: float = 40, high: float = 215) -> Picture:
    """A still luma picture: blobs of a sixteenth of the width; any two seeds differ all over."""
    return _pattern(seed, height, width, low, high).copy()


@lru_cache(maxsize=64)  # films show a still for many frames
def _pattern(seed: int, height: int, width: int, low: float, high: float) -> Picture:
    rng = np.random.default_rng(seed)
    sigma = max(1.0, width / 48)
    noise = rng.standard_normal((height, width))
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :]
    blur = np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2))
    smooth = np.fft.ifft2(np.fft.fft2(noise) * blur).real
    unit = np.clip(smooth / smooth.std() / 4 + 0.5, 0, 1)
    return (low + unit * (high - low)).round().astype(np.uint8)


def yuv_frame(luma: Picture, u: int | Picture = 128, v: int | Picture = 128) -> av.VideoFrame:
    """A yuv420p frame of a luma plane (H, W) and two chroma planes or levels."""
    height, width = luma.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, values in zip(frame.planes, (luma, u, v), strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = values
        plane.update(rows.tobytes())
    return frame


def encode(
    path: Path,
    frames: Sequence[av.VideoFrame],
    *,
    rate: int | Fraction = 25,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pts: Sequence[int] | None = None,
) -> Path:
    """Write frames to a file whose suffix names the container; `pts` are in frames."""
    if options is None:
        options = {"preset": "ultrafast", "crf": "16", "g": "24"} if codec == "libx264" else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(rate), options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = frames[0].width, frames[0].height
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = 1 / Fraction(rate)
        for number, frame in enumerate(frames):
            frame.pts = number if pts is None else pts[number]
            frame.time_base = 1 / Fraction(rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def render_video(
    path: Path,
    shots: Sequence[Shot] = ((1, 60), (2, 60)),
    *,
    size: tuple[int, int] = (96, 72),
    rate: int | Fraction = 25,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pts: Sequence[int] | None = None,
) -> Path:
    """Write a real video: hard cuts between the shots, a slow pan within each.

    Args:
        path: the file; its suffix names the container.
        shots: seed of the pattern and number of frames, of each shot.
        size: width and height.
        rate: frames per second.
        codec, options: of the encoder.
        pts: presentation time of every frame, in frames; 0, 1, 2 ... by default.
    """
    width, height = size
    frames = []
    for seed, count in shots:
        still = pattern(seed, height, width)
        frames += [yuv_frame(np.roll(still, step // 6, axis=1)) for step in range(count)]
    return encode(path, frames, rate=rate, codec=codec, options=options, pts=pts)


def render_dozen(folder: Path) -> Path:
    """Render twelve films of three shots, which take two workers a second or two."""
    for number in range(12):
        shots = [(3 * number + shot, 100 + 10 * number) for shot in range(3)]
        render_video(folder / f"{number:02d}.mp4", shots, size=(160, 120))
    return folder


@dataclass(frozen=True)
class TrueVideo:
    """What was rendered: the file, and the half-open frame ranges of its shots."""

    path: Path
    shots: list[tuple[int, int]]

    @property
    def num_frames(self) -> int:
        return self.shots[-1][1]


def shot_ranges(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Half-open ranges of shots with these numbers of frames."""
    ends = np.cumsum(counts).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


class SmallLibrary(NamedTuple):
    """An ingested library and what is in it, in the order of the files' names."""

    folder: Path
    truth: list[TrueVideo]


@dataclass(frozen=True)
class NumberedVideo:
    """A film in which every pixel tells its frame's number, and the pattern its place.

    Attributes:
        path: the file, 342×256, twice a proxy's picture.
        shots: half-open frame ranges; each has a still pattern of its own.
        patterns: luma (128, 171) of each shot, as a proxy should show it.
    """

    path: Path
    shots: list[tuple[int, int]]
    patterns: list[Picture]

    @property
    def num_frames(self) -> int:
        return self.shots[-1][1]

    def shot_of(self, frame: int) -> int:
        return next(i for i, (start, end) in enumerate(self.shots) if start <= frame < end)

    def place_of(self, picture: NDArray[np.generic]) -> tuple[int, int, int]:
        """Where a crop (h, w, 3) of the 128×171 picture was taken.

        Returns:
            Quarter turns counter-clockwise that the crop was turned by after it was taken (as
            `np.rot90` counts them), and its top row and left column before it was turned.
        """
        whole = self.patterns[self.shot_of(frame_number_of(picture))].astype(np.float32)
        luma = _yuv_of(picture)[..., 0]
        best = (np.inf, 0, 0, 0)
        for turns in range(4):
            crop = np.rot90(luma, -turns)
            if crop.shape[0] > whole.shape[0] or crop.shape[1] > whole.shape[1]:
                continue
            windows = np.lib.stride_tricks.sliding_window_view(whole, crop.shape)
            errors = np.abs(windows[..., ::5, ::5] - crop[::5, ::5]).mean((2, 3))
            top, left = np.unravel_index(errors.argmin(), errors.shape)
            best = min(best, (float(errors.min()), turns, int(top), int(left)))
        return best[1:]


def numbered_video(
    path: Path, counts: Sequence[int] = (320, 200, 100), pts: Sequence[int] | None = None
) -> NumberedVideo:
    """Write a film whose chroma is the frame number and whose luma is a shot's still pattern."""
    if sum(counts) > MOST_NUMBERED_FRAMES:
        raise ValueError(f"a numbered video has at most {MOST_NUMBERED_FRAMES} frames")
    frames: list[av.VideoFrame] = []
    patterns: list[Picture] = []
    for shot, count in enumerate(counts):
        still = pattern(100 + shot, 256, 342, low=110, high=142)
        patterns.append(still.reshape(128, 2, 171, 2).mean((1, 3)).round().astype(np.uint8))
        for _ in range(count):
            high, low = divmod(len(frames), DIGIT_LEVELS)
            frames.append(yuv_frame(still, _level(low), _level(high)))
    encode(path, frames, options={"preset": "ultrafast", "crf": "10", "g": "50"}, pts=pts)
    return NumberedVideo(path, shot_ranges(counts), patterns)


def frame_number_of(picture: NDArray[np.generic]) -> int:
    """The number that any part of a frame of a numbered video tells; RGB 0..255, (..., 3)."""
    _, u, v = _yuv_of(picture).reshape(-1, 3).mean(0)
    return _digit(u) + DIGIT_LEVELS * _digit(v)


def frame_numbers_of_pixels(picture: NDArray[np.generic]) -> NDArray[np.intp]:
    """The number that every single pixel tells, (...)."""
    digits = np.rint((_yuv_of(picture)[..., 1:] - 128) / DIGIT_STEP) + DIGIT_LEVELS // 2
    return (digits[..., 0] + DIGIT_LEVELS * digits[..., 1]).astype(np.intp)


def _level(digit: int) -> int:
    return 128 + (digit - DIGIT_LEVELS // 2) * DIGIT_STEP


def _digit(level: float) -> int:
    return round((level - 128) / DIGIT_STEP) + DIGIT_LEVELS // 2


def _yuv_of(picture: NDArray[np.generic]) -> NDArray[np.float64]:
    """Limited-range BT.601 luma and chroma of full-range RGB."""
    matrix = [[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]
    return picture.astype(np.float64) @ np.array(matrix).T / 255 + [16, 128, 128]
