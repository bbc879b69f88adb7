"""Features of any video file, or of pixels, clip after clip; `Encoder.embed` is made of this."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.library.direct import DirectVideo, DirectVideos
from eruv.media.discovery import UnreadableFile
from eruv.media.proxy import ProxySettings
from eruv.utils.errors import EruvError
from eruv.utils.paths import Paths

CLIPS_AT_ONCE = 16

Clips = NDArray[np.uint8]
# uint8 clips (B, 16, crop, crop, 3) → features (B, F).
Features = Callable[[Clips], NDArray[np.float32]]
Span = tuple[int, int]


@dataclass(frozen=True)
class Embeddings:
    """Features of N clips, in the order of the files and of time.

    Attributes:
        features: (N, F) float32.
        start_s, end_s: (N,) seconds, as the file's own clock has them; NaN for bare pixels.
        frames: (N, 2) numbers of frames [start, end) of the file, or of the pixels.
        paths: of each clip's file; empty for bare pixels.
        unreadable: what was named beside readable files and gave no video.
    """

    features: NDArray[np.float32]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    frames: NDArray[np.int64]
    paths: tuple[Path, ...] = ()
    unreadable: tuple[UnreadableFile, ...] = ()

    def __len__(self) -> int:
        return len(self.features)


def embed_files(
    named: Paths,
    features: Features,
    size: ClipSize,
    proxy: ProxySettings,
    *,
    every_s: float | None,
    shots: bool,
    threads: int,
) -> Embeddings:
    """Features of the windows of one or several files; see `Encoder.embed`."""
    if every_s is not None and not 0 < every_s < float("inf"):
        raise ValueError(f"every_s must be a number of seconds above 0; got {every_s}")
    videos = DirectVideos(named, proxy, threads, "embed")
    rows: list[NDArray[np.float32]] = []
    spans: list[Span] = []
    seconds: list[tuple[float, float]] = []
    paths: list[Path] = []
    for video in videos:
        found = windows(video.shots.times_s, video.spans(shots), every_s)
        for clips in _clips(video, found, size):
            rows.append(features(clips))
            videos.show(f"{sum(map(len, rows)):,} clips")
        spans += found
        seconds += [video.shots.times.range(*span) for span in found]
        paths += [video.shots.path] * len(found)
    if not rows:
        raise EruvError("no shot was found: every frame is of a transition. Leave `shots` out.")
    start_s, end_s = np.array(seconds, np.float64).T
    return Embeddings(
        np.concatenate(rows),
        start_s,
        end_s,
        np.array(spans, np.int64),
        tuple(paths),
        tuple(videos.unreadable),
    )


def windows(
    times_s: NDArray[np.float64], spans: Sequence[Span], every_s: float | None
) -> list[Span]:
    """Frames [start, end) of the clips that stand for a video; see `Encoder.embed`.

    Args:
        times_s: of all frames.
        spans: that no window leaves; a span of under 16 frames is one window.
        every_s: from window to window; None puts them end to end.
    """
    found: list[Span] = []
    for first, end in spans:
        last = end - CLIP_FRAMES
        if last <= first:
            found.append((first, end))
            continue
        if every_s is None:
            starts = [*range(first, last, CLIP_FRAMES), last]
        else:
            # A microsecond less: sums of seconds are not exact.
            seconds = times_s[first:end] - times_s[first] + 1e-6
            starts, step = [], 0
            while (place := int(np.searchsorted(seconds, step * every_s))) <= last - first:
                starts.append(first + place)
                # The first step beyond this frame, on which many short ones may fall.
                step = max(step, int(seconds[place] / every_s)) + 1
        found += [(start, start + CLIP_FRAMES) for start in starts]
    return found


def embed_pixels(pixels: Clips, features: Features, size: ClipSize) -> Embeddings:
    """Features of a clip (T, H, W, 3) or of clips (N, 16, H, W, 3); see `Encoder.embed`."""
    if pixels.dtype != np.uint8 or pixels.ndim not in (4, 5) or pixels.shape[-1] != 3:
        raise ValueError(
            f"pixels must be uint8 RGB, (T, H, W, 3) for one clip or (N, {CLIP_FRAMES}, H, W, 3) "
            f"for several; got {pixels.dtype} {pixels.shape}"
        )
    frames = pixels.shape[-4]
    if not pixels.size or (pixels.ndim == 5 and frames != CLIP_FRAMES):
        raise ValueError(
            f"a clip of a batch must have {CLIP_FRAMES} frames; got shape {pixels.shape}"
        )
    spans = [(0, CLIP_FRAMES)] * len(pixels)
    if pixels.ndim == 4:
        spans = windows(np.arange(frames, dtype=np.float64), [(0, frames)], None)
        pixels = np.stack([pixels[list(window_frames(span))] for span in spans])
    clips = _cropped(pixels, size)
    rows = [features(clips[at : at + CLIPS_AT_ONCE]) for at in range(0, len(clips), CLIPS_AT_ONCE)]
    unknown = np.full(len(clips), np.nan)
    return Embeddings(np.concatenate(rows), unknown, unknown, np.array(spans, np.int64))


def _cropped(clips_NTHWC: Clips, size: ClipSize) -> Clips:
    """The middle of whole scaled pictures; what is cropped already stays as it is."""
    shape = clips_NTHWC.shape[2:4]
    if shape == (size.crop, size.crop):
        return clips_NTHWC
    if shape == (size.height, size.width):
        row, column = size.centre
        return clips_NTHWC[:, :, row : row + size.crop, column : column + size.crop]
    raise ValueError(
        f"pictures must be {size.crop}x{size.crop}, or {size.height}x{size.width} before the crop; "
        f"got {shape[0]}x{shape[1]}. Scale them first, or pass the video file."
    )


def _clips(video: DirectVideo, spans: Sequence[Span], size: ClipSize) -> Iterator[Clips]:
    """Pixels of windows (B, 16, crop, crop, 3), batch after batch."""
    reader = video.reader(size)
    specs = [ClipSpec(0, window_frames(span), size.centre) for span in spans]
    try:
        for at in range(0, len(specs), CLIPS_AT_ONCE):
            yield reader.read_all(specs[at : at + CLIPS_AT_ONCE])
    finally:
        reader.close()


def window_frames(span: Span) -> tuple[int, ...]:
    """16 frames from the start of a window; one that is too short begins again (fact 4)."""
    start, end = span
    return tuple(start + step % (end - start) for step in range(CLIP_FRAMES))
