"""What was done to the middle one of three clips, as in VCP (fact 6)."""

from collections.abc import Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eruv.clips.spec import CLIP_FRAMES, IN_PLACE, ClipSize, ClipSpec
from eruv.pretext.draws import SegmentSubset, draw_outside, draw_start, group, sizes
from eruv.pretext.segment_arrays import Segments
from eruv.pretext.task import PretextTask, Sample, TaskText
from eruv.pretext.tuples import (
    TUPLE_CLIPS,
    TUPLE_FRAMES,
    Frames,
    clip_at,
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


class ClozeTask(PretextTask):
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
    shortest_frames = TUPLE_FRAMES
    text = TaskText(
        name="vcp",
        goal="what was done to the middle one of three clips (VCP, *Video Cloze Procedure for "
        "Self-Supervised Spatio-Temporal Learning*)",
        learns="what was done to the middle one of three short clips, for example whether it was "
        "turned, or taken from elsewhere in the video",
        question="The network sees three clips of 16 frames, v₁, v₂ and v₃, which follow one "
        "another with gaps of 8 frames. Something may have been done to v₂, or another clip may "
        "be in its place; the network tells what.",
        sample="tuple",
        slots="123",
        kind="operation",
        classes=OPERATIONS,
        sentences={
            "original": "The middle clip is the one that belongs between the others.",
            "rotated": "The middle clip is turned by 90, 180 or 270 degrees, every frame by the "
            "same angle.",
            "permuted": "The picture of the middle clip is cut into four tiles, which have changed "
            "places, in every frame alike.",
            "remote": "In the middle is another clip of the video, at least 16 frames before the "
            "first or after the third.",
            "adjacent": "The middle clip is cut into four chunks of four frames, two of which have "
            "changed places.",
        },
        needs={
            "remote": f"a segment of at least {ROOM_FRAMES} frames, or a video with two "
            f"segments of at least {TUPLE_FRAMES}"
        },
        fallbacks={
            "remote_from_another_segment": "fallback: a remote clip from another segment, having "
            "no room in its own"
        },
    )
    classes = tuple(OPERATIONS)

    def __init__(self, segments: Segments, size: ClipSize) -> None:
        super().__init__(segments, size)
        self.remote = SegmentSubset(len(segments), self._has_remote)

    @property
    def possible(self) -> dict[str, int]:
        return super().possible | {"remote": self.remote.count}

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
                f"no segment allows the operation remote; it needs {self.text.needs['remote']}"
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
            **super().feasibility(),
            "remote_from_another_segment": float(elsewhere.sum() / max(1, self.remote.count)),
        }

    @staticmethod
    def difference(name: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
        before, middle, after = clips
        if name == "rotated":
            return f"v₂ is turned by {90 * middle.quarter_turns}° counter-clockwise."
        if name == "permuted":
            tiles = ", ".join(str(tile + 1) for tile in middle.tiles)
            return f"row by row, v₂ shows its tiles {tiles}."
        if name == "remote":
            late, early = min(middle.frames) - max(after.frames), max(middle.frames)
            where = (
                f"begins {late - 1} frames after the end of v₃"
                if late > 0
                else f"ends {min(before.frames) - early - 1} frames before v₁ begins"
            )
            elsewhere = None not in shots and shots[1] != shots[0]
            return f"v₂ {where}{', in another shot' if elsewhere else ''}."
        if name == "adjacent":
            firsts = middle.frames[::CHUNK_FRAMES]
            chunks = ", ".join(str(sorted(firsts).index(first) + 1) for first in firsts)
            return f"v₂ shows its chunks {chunks}."
        return "v₁, v₂ and v₃ follow one another with gaps of 8 frames."


def exchanged(frames: Frames, generator: np.random.Generator) -> Frames:
    """A clip of four chunks of four frames, two of them, drawn uniformly, having changed places."""
    chunks = [frames[at : at + CHUNK_FRAMES] for at in range(0, CLIP_FRAMES, CHUNK_FRAMES)]
    one, other = EXCHANGED_CHUNKS[int(generator.integers(len(EXCHANGED_CHUNKS)))]
    chunks[one], chunks[other] = chunks[other], chunks[one]
    return tuple(frame for chunk in chunks for frame in chunk)
