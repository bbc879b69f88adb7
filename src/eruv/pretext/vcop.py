"""The order of three clips, as in VCOP (fact 6)."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from torch import nn

from eruv.clips.spec import ClipSpec
from eruv.models.heads import PairwiseHead
from eruv.pretext.draws import draw_start
from eruv.pretext.task import PretextTask, Sample, TaskText
from eruv.pretext.tuples import TUPLE_CLIPS, TUPLE_FRAMES, draw_offsets, tuple_at

# For each slot of the network, the place in time of the clip that is shown there, from 1.
ORDERS = {
    " ".join(str(place) for place in order): order
    for order in permutations(range(1, TUPLE_CLIPS + 1))
}
ORDINALS = {1: "first", 2: "second", 3: "third"}


class ClipOrderTask(PretextTask):
    """Draws three clips of one segment with gaps of 8 frames, and shuffles them.

    The order is drawn uniformly, then the segment, then where in it the tuple begins.

    Args:
        segments: what to draw from.
        size: of the frames and the crop.

    Raises:
        ValueError: if a segment is too short for three clips.
    """

    num_clips = TUPLE_CLIPS
    shortest_frames = TUPLE_FRAMES
    text = TaskText(
        name="vcop",
        goal="the order of three clips (VCOP, *Self-Supervised Spatiotemporal Learning via Video "
        "Clip Order Prediction*)",
        learns="in which order three short clips followed one another in their video",
        question="The network sees three clips of 16 frames, v₁, v₂ and v₃, which in the video "
        "follow one another with gaps of 8 frames, in any order, and tells the order.",
        sample="tuple",
        slots="123",
        kind="order",
        classes={
            "1 2 3": "as in the video",
            "1 3 2": "the last two exchanged",
            "2 1 3": "the first two exchanged",
            "2 3 1": "the first shown last",
            "3 1 2": "the last shown first",
            "3 2 1": "from the last to the first",
        },
        sentences={
            name: "In the video, v₁ is the {}, v₂ the {} and v₃ the {}.".format(
                *(ORDINALS[place] for place in order)
            )
            for name, order in ORDERS.items()
        },
    )
    classes = tuple(ORDERS)

    def make_head(self, num_features: int) -> nn.Module:
        """VCOP's own: every two clips compared, then one linear layer (fact 1)."""
        return PairwiseHead(num_features, self.num_clips, len(self.classes))

    def sample(
        self, generator: np.random.Generator, label: int | None = None, centred: bool = False
    ) -> Sample:
        if label is None:
            label = int(generator.integers(len(self.classes)))
        segment = int(generator.integers(len(self.segments)))
        start = draw_start(self.segments, segment, TUPLE_FRAMES, generator)
        in_time = tuple_at(start)
        video = int(self.segments.video[segment])
        offsets = draw_offsets(self.size, generator, centred)
        specs = tuple(
            ClipSpec(video, in_time[place - 1], offset)
            for place, offset in zip(ORDERS[self.classes[label]], offsets, strict=True)
        )
        return Sample(specs, label)

    @staticmethod
    def difference(name: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
        starts = sorted(
            (min(clip.frames), f"v{slot}") for slot, clip in zip("₁₂₃", clips, strict=True)
        )
        first, second, third = (f"{clip} at frame {start}" for start, clip in starts)
        return f"{first}, then {second}, then {third}."
