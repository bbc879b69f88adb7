"""What was done to the middle one of three clips, as in VCP (fact 6)."""

from itertools import combinations, permutations
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from eruv.clips.spec import CLIP_FRAMES, IN_PLACE, ClipSize, ClipSpec
from eruv.models.heads import ConcatenationHead
from eruv.pretext.draws import Allowed, draw_outside, draw_start, group, require_length, sizes
from eruv.pretext.segment_arrays import Segments
from eruv.pretext.task import Sample, Words
from eruv.pretext.tuples import (
    TUPLE_CLIPS,
    TUPLE_FRAMES,
    Frames,
    clip_at,
    counted,
    draw_offsets,
    tuple_at,
)

OPERATIONS = {
    "original": "the clip that belongs there",
    "rotated": "that clip, turned",
    "permuted": "that clip, its four tiles moved",
    "remote": "another clip, from far away in time",
    "adjacent": "that clip, two of its four chunks exchanged",
}
REMOTE_FRAMES = 16  # at least, between the tuple and a clip from far away
CHUNK_FRAMES = 4
# From so many frames on some tuple of a segment has room for a remote clip beside it.
ROOM_FRAMES = TUPLE_FRAMES + REMOTE_FRAMES + CLIP_FRAMES
MOVED_TILES = [order for order in permutations(IN_PLACE) if order != IN_PLACE]
EXCHANGED_CHUNKS = list(combinations(range(CLIP_FRAMES // CHUNK_FRAMES), 2))


class ClozeTask:
    """Draws three clips of one segment with gaps of 8 frames, and fills the middle one anew.

    The operation is drawn uniformly, then the segment over those that allow it, then where in it
    the tuple begins, then how the operation is done: the operations differ in the middle clip
    alone. A remote clip comes from the tuple's segment where it fits there, else from any other
    segment of the video, and is always at least 16 frames from the tuple. Where there is no other
    segment, the tuple begins where a remote clip fits beside it.

    Args:
        segments: what to draw from.
        size: of the frames and the crop.

    Raises:
        ValueError: if a segment is too short for three clips; on `sample`, for an operation that
            no segment allows, see `possible`.
    """

    num_clips = TUPLE_CLIPS
    shortest_frames: ClassVar[int] = TUPLE_FRAMES
    words: ClassVar[Words] = Words(
        goal="what was done to the middle one of three clips (VCP, *Video Cloze Procedure for "
        "Self-Supervised Spatio-Temporal Learning*)",
        sample="tuple",
        kind="operation",
        classes=OPERATIONS,
        needs={
            "remote": f"a segment of at least {ROOM_FRAMES} frames, or a video with two "
            f"segments of at least {TUPLE_FRAMES}"
        },
    )
    classes = tuple(OPERATIONS)

    def __init__(self, segments: Segments, size: ClipSize) -> None:
        require_length(segments, self.shortest_frames)
        self.segments = segments
        self.size = size
        self.remote = Allowed(len(segments), self._has_remote)

    @property
    def possible(self) -> dict[str, int]:
        return dict.fromkeys(self.classes, len(self.segments)) | {"remote": self.remote.count}

    def make_head(self, num_features: int) -> nn.Module:
        """One linear layer on the concatenated features (fact 1)."""
        return ConcatenationHead(self.num_clips * num_features, len(self.classes))

    def sample(
        self, generator: np.random.Generator, label: int | None = None, centred: bool = False
    ) -> Sample:
        if label is None:
            label = int(generator.integers(len(self.classes)))
        operation = self.classes[label]
        segment = self._draw_segment(operation, generator)
        start = self._draw_start(operation, segment, generator)
        before, middle, after = tuple_at(start)
        turns, tiles = 0, IN_PLACE
        if operation == "rotated":
            turns = int(generator.integers(1, 4))
        elif operation == "permuted":
            tiles = MOVED_TILES[int(generator.integers(len(MOVED_TILES)))]
        elif operation == "remote":
            middle = clip_at(self._draw_remote(segment, start, generator))
        elif operation == "adjacent":
            middle = exchanged(middle, generator)
        video = int(self.segments.video[segment])
        offsets = draw_offsets(self.size, generator, centred)
        specs = (
            ClipSpec(video, before, offsets[0]),
            ClipSpec(video, middle, offsets[1], turns, tiles),
            ClipSpec(video, after, offsets[2]),
        )
        return Sample(specs, label)

    def _draw_segment(self, operation: str, generator: np.random.Generator) -> int:
        if operation != "remote":
            return int(generator.integers(len(self.segments)))
        if not self.remote.count:
            raise ValueError(
                f"no segment allows the operation remote; it needs {self.words.needs['remote']}"
            )
        return self.remote.draw(generator)

    def _draw_start(self, operation: str, segment: int, generator: np.random.Generator) -> int:
        """First frame of a tuple, uniform over those that fit; at times a remote clip must too."""
        must_fit = operation == "remote" and not self._has_others(segment, segment + 1)[0]
        while True:
            start = draw_start(self.segments, segment, TUPLE_FRAMES, generator)
            if not must_fit or any(self._remote_starts(segment, start)):
                return start

    def _draw_remote(self, segment: int, start: int, generator: np.random.Generator) -> int:
        """First frame of a clip far from the tuple of `segment` that begins at `start`."""
        if not any(self._remote_starts(segment, start)):
            video = group(self.segments.video_offsets, int(self.segments.video[segment]))
            other = draw_outside(video, (segment, segment + 1), generator)
            assert other is not None
            segment = other
        earlier, later = self._remote_starts(segment, start)
        number = int(generator.integers(len(earlier) + len(later)))
        return earlier[number] if number < len(earlier) else later[number - len(earlier)]

    def _remote_starts(self, segment: int, start: int) -> tuple[range, range]:
        """Where in a segment a clip far from a tuple can begin: before the tuple, and after it."""
        first, end = int(self.segments.start[segment]), int(self.segments.end[segment])
        before, after = start - REMOTE_FRAMES, start + TUPLE_FRAMES + REMOTE_FRAMES
        return (
            range(first, min(end, before) - CLIP_FRAMES + 1),
            range(max(first, after), end - CLIP_FRAMES + 1),
        )

    def _has_remote(self, first: int, end: int) -> NDArray[np.bool_]:
        lengths = self.segments.end[first:end] - self.segments.start[first:end]
        return (lengths >= ROOM_FRAMES) | self._has_others(first, end)

    def _has_others(self, first: int, end: int) -> NDArray[np.bool_]:
        return sizes(self.segments.video_offsets, self.segments.video[first:end]) > 1

    def feasibility(self) -> dict[str, Any]:
        """How often each operation is possible, and how often a remote clip is from elsewhere."""
        lengths, total = self.segments.lengths, len(self.segments)
        tuples = lengths - TUPLE_FRAMES + 1
        with_room = np.minimum(tuples, 2 * np.maximum(0, lengths - ROOM_FRAMES + 1))
        elsewhere = np.where(self._has_others(0, total), 1 - with_room / tuples, 0.0)
        return {
            **counted(self.segments, self.possible),
            "remote_from_another_segment": float(elsewhere.sum() / max(1, self.remote.count)),
        }


def exchanged(frames: Frames, generator: np.random.Generator) -> Frames:
    """A clip of four chunks of four frames, two of them, drawn uniformly, having changed places."""
    chunks = [frames[at : at + CHUNK_FRAMES] for at in range(0, CLIP_FRAMES, CHUNK_FRAMES)]
    one, other = EXCHANGED_CHUNKS[int(generator.integers(len(EXCHANGED_CHUNKS)))]
    chunks[one], chunks[other] = chunks[other], chunks[one]
    return tuple(frame for chunk in chunks for frame in chunk)
