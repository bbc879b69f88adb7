"""Where a network looks, frame by frame of a video file (Zagoruyko and Komodakis; fact 4)."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from eruv.clips.spec import CLIP_FRAMES, ClipSize
from eruv.figures.drawing import Box, Heat, Picture
from eruv.media.orientation import Orientation, orientation_of_frame
from eruv.media.proxy import ProxySettings
from eruv.media.scaling import Scaler
from eruv.media.video import VideoSource
from eruv.models.encoder import Encoder

# conv4 (4×14×14 of a 16×112×112 clip) and conv5 (2×7×7).
STAGES = (4, 5)


@torch.no_grad()
def attention_maps(
    encoder: Encoder,
    clips_BTHWC: Tensor,
    size: tuple[int, int],
    stages: Collection[int] = STAGES,
) -> dict[int, Tensor]:
    """Attention of each frame, as large as it is shown.

    The mean over channels of the squared activations of a stage; for each frame the nearest
    slice of time; bicubic in space; then min-max normalised over the clip. A constant map is 0.

    Args:
        encoder: in evaluation mode.
        clips_BTHWC: uint8 RGB clips (B, T, crop, crop, 3), on the encoder's device.
        size: (height, width) of the maps.
        stages: of the backbone, from 1 (conv1) to 5 (conv5).

    Returns:
        For each stage maps (B, T, height, width).
    """
    num_frames = clips_BTHWC.shape[1]
    found = {}
    for stage, maps_BCTHW in encoder.forward_stages(clips_BTHWC, stages).items():
        energy = maps_BCTHW.float().square().mean(dim=1)
        energy = energy[:, nearest_slices(num_frames, energy.shape[1])]
        energy = functional.interpolate(energy, size, mode="bicubic", align_corners=False)
        found[stage] = _min_max_normalised(energy)
    return found


def nearest_slices(num_frames: int, num_slices: int) -> list[int]:
    """The slice of time nearest to each frame; slices are spread evenly over the frames."""
    return [(2 * frame + 1) * num_slices // (2 * num_frames) for frame in range(num_frames)]


def _min_max_normalised(maps_BTHW: Tensor) -> Tensor:
    """Maps min-max normalised, with one scale for all frames of a clip."""
    low = maps_BTHW.amin(dim=(1, 2, 3), keepdim=True)
    span = maps_BTHW.amax(dim=(1, 2, 3), keepdim=True) - low
    return torch.where(span > 0, (maps_BTHW - low) / span.clamp(min=1e-30), 0.0).clamp(0, 1)


@dataclass(frozen=True)
class ShownFrame:
    """A frame of a video: its number, its second, and the picture (height, width, 3)."""

    number: int
    time_s: float
    picture: Picture


@dataclass(frozen=True)
class AttentionFrame:
    """A frame with the attention on it.

    Attributes:
        frame: the frame.
        heats: by name of the encoder and stage, (h, w) from 0 to 1 over the encoder's `box_of`.
    """

    frame: ShownFrame
    heats: dict[tuple[str, int], Heat]


def shown_frames(
    path: Path, *, start_s: float = 0.0, end_s: float | None = None, threads: int = 0
) -> Iterator[ShownFrame]:
    """Frames of a file, upright, at the size of proxies.

    Args:
        path: of the video.
        start_s, end_s: only frames in [start_s, end_s) seconds after the first one.
        threads: decoding threads; 0 takes one per core.

    Raises:
        UnreadableVideo: if the file gives no video.
    """
    settings = ProxySettings()
    scaler = Scaler(settings.height, settings.width, "rgb24")
    first_s: float | None = None
    with VideoSource(path, threads) as source:
        for number, frame in enumerate(source.frames()):
            first_s = frame.time_s if first_s is None else first_s
            time_s = frame.time_s - first_s
            if end_s is not None and time_s >= end_s:
                return
            if time_s >= start_s:
                orientation = orientation_of_frame(frame.picture)
                (picture,) = scaler.planes(frame.picture, orientation)
                yield ShownFrame(number, time_s, np.ascontiguousarray(picture))


def clips_in_order(
    frames: Iterable[ShownFrame], length: int = CLIP_FRAMES
) -> Iterator[tuple[list[ShownFrame], range]]:
    """Frames cut into clips, one after the other.

    Yields:
        A clip of `length` frames, and the places in it of frames that no earlier clip had. The
        last clip reaches back where too few are left; a video of fewer frames is repeated.
    """
    recent: deque[ShownFrame] = deque(maxlen=length)
    fresh = 0
    for frame in frames:
        recent.append(frame)
        fresh += 1
        if fresh == length:
            yield list(recent), range(length)
            fresh = 0
    if fresh and len(recent) == length:
        yield list(recent), range(length - fresh, length)
    elif fresh:
        yield [recent[step % fresh] for step in range(length)], range(fresh)


def attention_frames(
    frames: Iterable[ShownFrame], encoders: Mapping[str, Encoder], stages: Collection[int]
) -> Iterator[AttentionFrame]:
    """Every frame with the attention of every encoder, clip after clip.

    Args:
        frames: in order.
        encoders: in evaluation mode, by name.
        stages: of the backbones.
    """
    scalers = {
        name: Scaler(encoder.size.height, encoder.size.width, "rgb24")
        for name, encoder in encoders.items()
    }
    for clip, fresh in clips_in_order(frames):
        maps: dict[tuple[str, int], Heat] = {}
        for name, encoder in encoders.items():
            _, _, height, width = box_of(encoder.size, clip[0].picture.shape)
            pixels = _clip_of(clip, encoder.size, scalers[name])
            pixels = pixels.to(next(encoder.parameters()).device)
            found = attention_maps(encoder, pixels, (height, width), stages)
            maps |= {(name, stage): heat[0].cpu().numpy() for stage, heat in found.items()}
        for place in fresh:
            yield AttentionFrame(
                clip[place], {key: heat[place].copy() for key, heat in maps.items()}
            )


def box_of(size: ClipSize, shape: tuple[int, ...]) -> Box:
    """The part of a shown picture (height, width) that an encoder of this size sees."""
    rows, columns = shape[0] / size.height, shape[1] / size.width
    row, column = size.centre
    top, left = round(row * rows), round(column * columns)
    bottom, right = round((row + size.crop) * rows), round((column + size.crop) * columns)
    return top, left, bottom - top, right - left


class FrameSample:
    """A few frames of a video of unknown length, evenly spread, each from the middle of a clip.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self.most, self.step, self.seen = most, 1, 0
        self.frames: list[AttentionFrame] = []
        self.last: AttentionFrame | None = None

    def add(self, frame: AttentionFrame) -> None:
        """Consider the next frame."""
        clip, place = divmod(self.seen, CLIP_FRAMES)
        self.seen += 1
        self.last = frame
        if place != CLIP_FRAMES // 2 or clip % self.step:
            return
        self.frames.append(frame)
        if len(self.frames) == 4 * self.most:
            self.frames, self.step = self.frames[::2], 2 * self.step

    def chosen(self) -> list[AttentionFrame]:
        """The frames; of a video too short for the middle of a clip the last one."""
        frames = self.frames or ([self.last] if self.last else [])
        places = np.linspace(0, len(frames) - 1, min(self.most, len(frames))).round().astype(int)
        return [frames[place] for place in places.tolist()]


def _clip_of(frames: Sequence[ShownFrame], size: ClipSize, scaler: Scaler) -> Tensor:
    """Shown pictures as an encoder sees them, (1, T, crop, crop, 3)."""
    row, column = size.centre
    pictures = []
    for frame in frames:
        shown = av.VideoFrame.from_ndarray(frame.picture, format="rgb24")
        (picture,) = scaler.planes(shown, Orientation())
        pictures.append(picture[row : row + size.crop, column : column + size.crop])
    return torch.from_numpy(np.stack(pictures))[None]
