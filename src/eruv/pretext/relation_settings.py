"""The seven relations by name, and how a pre-training chooses among them."""

import math
from dataclasses import dataclass
from typing import Literal

RELATIONS = {
    "C_S": "same shot",
    "C_V": "same video, other shot",
    "C_D": "other video",
    "C_R": "rotated",
    "P_I": "inverted in time",
    "P_D": "frames in disorder",
    "P_S": "sped up",
}
Negatives = Literal["other_video", "other_shot"]
# Those of two unaltered clips.
COMPARED = ("C_S", "C_V", "C_D")
# Trimmed clips have neither shots nor untrimmed videos to tell apart (fact 6.8).
TRIMMED_RELATIONS = ("C_S", "C_R", "P_I", "P_D", "P_S")


@dataclass(frozen=True)
class RelationSettings:
    """Which relations there are, and how their clips are drawn.

    Attributes:
        relations: any subset, in the order of `RELATIONS`; labels count within it.
        paired_window: v_j starts where v_i does in C_R, P_I, P_D and P_S; otherwise both windows
            are drawn independently (fact 6.5).
        shuffle: P_D shuffles the 16 frames of a clip, or those of the segment (fact 6.6).
        head: linear, one layer on both features (III-C); or comparison, which can tell whether
            two clips are alike (`eruv.models.heads.ComparisonHead`).
        all_pairs: weight of a loss that tells of every two unaltered clips of a step whether they
            are C_S, C_V or C_D, without a further pass through the backbone.
        contrast: weight of a contrastive loss between unaltered clips: those of one shot are to
            be more alike than those of two videos.
        temperature: temperature of that contrast.
        negatives: other_video; or other_shot, which also takes other shots of the same video.
        queue: clips of earlier steps that are negatives too; of several processes those of the
            first.
        gradual: number of first samples over which the distance in time that C_S allows grows
            from none to any; 0 allows any from the start.
    """

    relations: tuple[str, ...] = tuple(RELATIONS)
    paired_window: bool = False
    shuffle: Literal["clip", "segment"] = "clip"
    head: Literal["linear", "comparison"] = "linear"
    all_pairs: float = 0.0
    contrast: float = 0.0
    temperature: float = 0.1
    negatives: Negatives = "other_video"
    queue: int = 0
    gradual: int = 0

    def __post_init__(self) -> None:
        unknown = set(self.relations) - RELATIONS.keys()
        if unknown or len(set(self.relations)) < max(2, len(self.relations)):
            raise ValueError(
                f"relations must be at least two of {', '.join(RELATIONS)}, each once; "
                f"got {', '.join(self.relations) or 'none'}"
            )
        if self.shuffle not in ("clip", "segment"):
            raise ValueError(f"shuffle must be 'clip' or 'segment'; got {self.shuffle!r}")
        if self.head not in ("linear", "comparison"):
            raise ValueError(f"head must be 'linear' or 'comparison'; got {self.head!r}")
        for name in ("all_pairs", "contrast", "queue", "gradual"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be at least 0; got {getattr(self, name)}")
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"temperature must be positive and finite; got {self.temperature}")
        if self.negatives not in ("other_video", "other_shot"):
            raise ValueError(
                f"negatives must be 'other_video' or 'other_shot'; got {self.negatives!r}"
            )
        if self.queue and not self.contrast:
            raise ValueError("queue is of the contrast, whose weight is 0; set contrast too")
        ordered = tuple(name for name in RELATIONS if name in self.relations)
        object.__setattr__(self, "relations", ordered)
