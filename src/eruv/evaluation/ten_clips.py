"""The ten clips that stand for a video in recognition and retrieval (fact 4)."""

import numpy as np

from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.datasets.labelled_videos import LabelledVideo

CLIPS_PER_VIDEO = 10


def clip_starts(num_frames: int, count: int = CLIPS_PER_VIDEO) -> list[int]:
    """First frames of clips whose centres stand evenly over the video (fact 4).

    A video of under 16 frames has one start; its frames are repeated in a circle.
    """
    half = CLIP_FRAMES // 2
    if num_frames <= CLIP_FRAMES:
        return [0] * count
    return [int(centre - half) for centre in np.linspace(half, num_frames - half, count)]


def clips_of(video: LabelledVideo, size: ClipSize) -> list[ClipSpec]:
    """The ten clips that stand for a video, cropped in the middle."""
    return [
        ClipSpec(video.video, video.frames_from(start, CLIP_FRAMES), size.centre)
        for start in clip_starts(video.num_frames)
    ]
