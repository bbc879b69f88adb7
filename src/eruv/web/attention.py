"""Where the encoder looks in a few frames of a library's video, as one picture."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from eruv.clips.spec import CLIP_FRAMES
from eruv.evaluation.features import on_device
from eruv.figures.attention_maps import (
    STAGES,
    FrameSample,
    ShownFrame,
    attention_frames,
    box_of,
)
from eruv.figures.drawing import Picture, overlaid
from eruv.library.catalogue import Library
from eruv.media.proxy import ProxyReader
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError
from eruv.utils.html import jpeg
from eruv.web.shelf import VideoRow

COLUMNS = 5
# Frames that are looked at: a few clips, since someone waits.
MOST_FRAMES = 5 * CLIP_FRAMES
GAP = 4  # pixels between pictures
SCALE = 2  # of a proxy's pictures


def attention_sheet(
    library: Library, encoder: Encoder, video: VideoRow, start_s: float, end_s: float
) -> bytes:
    """Five frames side by side, and below them the attention of conv4 and of conv5: a JPEG.

    Args:
        library: that has the video's proxy.
        encoder: with stages to look into.
        video: of the library.
        start_s, end_s: part of it; of a longer part, its beginning is taken.

    Raises:
        EruvError: if the encoder has no stages, or the proxy is gone.
    """
    if not hasattr(encoder, "forward_stages"):
        raise EruvError("this encoder has no stages to show.")
    first, last = video.frame_at(start_s), video.frame_at(max(start_s, end_s - 1e-3))
    last = min(max(last + 1, first + CLIP_FRAMES), first + MOST_FRAMES, video.num_frames)
    first = max(0, min(first, last - CLIP_FRAMES))
    sample = FrameSample(COLUMNS)
    device = str(next(encoder.parameters()).device)
    encoders = {"": on_device(encoder, device)}
    for frame in attention_frames(_frames(library, video, range(first, last)), encoders, STAGES):
        sample.add(frame)
    found = sample.chosen()
    rows = [[frame.frame.picture for frame in found]]
    for stage in STAGES:
        boxes = [box_of(encoder.size, frame.frame.picture.shape) for frame in found]
        rows.append(
            [
                overlaid(frame.frame.picture, frame.heats["", stage], box)
                for frame, box in zip(found, boxes, strict=True)
            ]
        )
    return jpeg(_sheet(rows))


def _frames(library: Library, video: VideoRow, frames: range) -> Iterator[ShownFrame]:
    settings = library.settings.proxy
    try:
        with closing(ProxyReader(library.proxy_path(video.video_id), settings)) as reader:
            for number in frames:
                yield ShownFrame(number, 0.0, reader.read([number])[0])
    except OSError as error:
        raise EruvError("the proxy of this video is missing.") from error


def _sheet(rows: list[list[Picture]]) -> Picture:
    """Pictures in rows and columns, on black, with even sides."""
    height, width = rows[0][0].shape[:2]
    sheet = np.zeros(
        (len(rows) * (height + GAP) - GAP, len(rows[0]) * (width + GAP) - GAP, 3), np.uint8
    )
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            top, left = row * (height + GAP), column * (width + GAP)
            sheet[top : top + height, left : left + width] = picture
    sheet = sheet.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
    return sheet[: len(sheet) // 2 * 2, : sheet.shape[1] // 2 * 2]
