"""The seven relations by name, and how a pre-training chooses among them."""

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
    """

    relations: tuple[str, ...] = tuple(RELATIONS)
    paired_window: bool = False
    shuffle: Literal["clip", "segment"] = "clip"
    head: Literal["linear", "comparison"] = "linear"

    def __post_init__(self) -> None:
        unknown = set(self.relations) - RELATIONS.keys()
        if unknown or len(set(self.relations)) < max(2, len(self.relations)):
            raise ValueError(
                f"relations are at least two of {', '.join(RELATIONS)}, each once; "
                f"got {', '.join(self.relations) or 'none'}"
            )
        if self.shuffle not in ("clip", "segment"):
            raise ValueError(f"shuffle is 'clip' or 'segment'; got {self.shuffle!r}")
        if self.head not in ("linear", "comparison"):
            raise ValueError(f"head is 'linear' or 'comparison'; got {self.head!r}")
        ordered = tuple(name for name in RELATIONS if name in self.relations)
        object.__setattr__(self, "relations", ordered)
