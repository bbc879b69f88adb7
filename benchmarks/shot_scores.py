"""How well found transitions fit the true ones.

The rules, the same for every detector:

- A cut is the first frame of the new shot. True and found cuts are matched one to one, as many
  as possible, with at most `tolerance` frames between them.
- A found cut that fits no true cut but lies at a true gradual transition, frames [start, end]
  with the first frame of the new shot, goes to the account of gradual transitions. Every other
  found cut stays in the account of cuts.
- Gradual transitions, as ClipShots counts them (`tools/evaluate.py` of the dataset): a true one
  is found where a found *gradual* one overlaps it, both taken from the last frame of the old
  shot to the first of the new, ends included; precision divides by all found gradual ones, and
  a cut inside is nothing found. (ClipShots also counts that cut as a false one, and lets one
  found range serve several true ones; here it serves one.)
- Gradual transitions of either kind: as many detectors mark only cuts, a second measure takes a
  cut in place of a range: each true transition is matched with at most one found transition of
  either kind that overlaps it; the second cut inside the same dissolve is a false one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

TOLERANCES = (0, 1, 2)
Range = tuple[int, int]


@dataclass(frozen=True)
class Counts:
    """Of one kind of transition; they add up over films.

    Attributes:
        matched: true ones that were found.
        true: all true ones.
        found: all found ones, right or wrong.
    """

    matched: int = 0
    true: int = 0
    found: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.matched <= min(self.true, self.found):
            raise ValueError(f"no more is matched than is true and found; got {self}")

    def __add__(self, other: Self) -> "Counts":
        return Counts(
            self.matched + other.matched, self.true + other.true, self.found + other.found
        )

    @property
    def precision(self) -> float:
        """Share of what was found that is true; 1 where nothing was found."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was found; 1 where there is nothing."""
        return self.matched / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 1 where there is nothing and nothing was found."""
        total = self.true + self.found
        return 2 * self.matched / total if total else 1.0


@dataclass(frozen=True)
class Transitions:
    """Cuts and gradual transitions of one film, true or found.

    Attributes:
        cuts: first frames of new shots, in order.
        graduals: half-open ranges, in order, that do not overlap.
    """

    cuts: tuple[int, ...] = ()
    graduals: tuple[Range, ...] = ()

    def __post_init__(self) -> None:
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError(f"cuts rise; got {self.cuts}")
        if any(start >= end for start, end in self.graduals):
            raise ValueError(f"gradual ranges hold frames; got {self.graduals}")
        follow = zip(self.graduals, self.graduals[1:], strict=False)
        if any(one[1] > next_[0] for one, next_ in follow):
            raise ValueError(f"gradual ranges do not overlap; got {self.graduals}")


@dataclass(frozen=True)
class Score:
    """Of one detector on one film or on several.

    Attributes:
        cuts: by tolerance, in the order of `TOLERANCES`.
        graduals: as ClipShots counts them.
        either: gradual transitions found as a range or as a cut.
        stray: gradual ranges found that touch no true one.
        covered, gradual_frames: frames of true gradual transitions that lie in found ones, of
            how many.
        found: transitions of any kind; all of them false in a film without any.
        minutes: of film.
    """

    cuts: tuple[Counts, ...] = (Counts(),) * len(TOLERANCES)
    graduals: Counts = Counts()
    either: Counts = Counts()
    stray: int = 0
    covered: int = 0
    gradual_frames: int = 0
    found: int = 0
    minutes: float = 0.0

    def __add__(self, other: Self) -> "Score":
        return Score(
            tuple(one + more for one, more in zip(self.cuts, other.cuts, strict=True)),
            self.graduals + other.graduals,
            self.either + other.either,
            self.stray + other.stray,
            self.covered + other.covered,
            self.gradual_frames + other.gradual_frames,
            self.found + other.found,
            self.minutes + other.minutes,
        )

    @property
    def strict_cuts(self) -> Counts:
        """Cuts at tolerance 0, where a gradual range that touches no true one is a false find."""
        exact = self.cuts[0]
        return Counts(exact.matched, exact.true, exact.found + self.stray)

    @property
    def found_per_minute(self) -> float:
        """Transitions of any kind that were found in a minute of film."""
        return self.found / self.minutes if self.minutes else 0.0


def total(scores: Iterable[Score]) -> Score:
    """The sum."""
    return sum(scores, Score())


def match_cuts(true: Sequence[int], found: Sequence[int], tolerance: int) -> list[Range]:
    """As many pairs as possible of cuts that are near enough; both sequences rise."""
    pairs, t, f = [], 0, 0
    while t < len(true) and f < len(found):
        if abs(true[t] - found[f]) <= tolerance:
            pairs.append((true[t], found[f]))
            t, f = t + 1, f + 1
        elif true[t] < found[f]:
            t += 1
        else:
            f += 1
    return pairs


def match_ranges(true: Sequence[Range], found: Sequence[Range]) -> int:
    """How many pairs of half-open ranges overlap or touch, each range in one pair at most.

    Ranges are widened by a frame at the start, to the last frame of the old shot, and their end,
    the first frame of the new shot, is included: a cut at t is [t, t).
    """
    pairs, t, f = 0, 0, 0
    while t < len(true) and f < len(found):
        if found[f][1] < true[t][0] - 1:
            f += 1
        elif true[t][1] < found[f][0] - 1:
            t += 1
        else:
            pairs, t, f = pairs + 1, t + 1, f + 1
    return pairs


def _at(cut: int, graduals: Sequence[Range]) -> bool:
    return any(start <= cut <= end for start, end in graduals)


def _overlap(true: Sequence[Range], found: Sequence[Range]) -> int:
    return sum(max(0, min(b, d) - max(a, c)) for a, b in true for c, d in found)


def score(true: Transitions, found: Transitions, minutes: float) -> Score:
    """Of one film."""
    counts = []
    inside: list[int] = []
    for tolerance in TOLERANCES:
        pairs = match_cuts(true.cuts, found.cuts, tolerance)
        taken = {cut for _, cut in pairs}
        inside = [cut for cut in found.cuts if cut not in taken and _at(cut, true.graduals)]
        counts.append(Counts(len(pairs), len(true.cuts), len(found.cuts) - len(inside)))
    # `inside` is that of the widest tolerance: what could be a true cut is no gradual one
    either = sorted([*found.graduals, *((cut, cut) for cut in inside)])
    typed, untyped = (match_ranges(true.graduals, ranges) for ranges in (found.graduals, either))
    return Score(
        cuts=tuple(counts),
        graduals=Counts(typed, len(true.graduals), len(found.graduals)),
        either=Counts(untyped, len(true.graduals), len(either)),
        stray=sum(not _overlap(true.graduals, [one]) for one in found.graduals),
        covered=_overlap(true.graduals, found.graduals),
        gradual_frames=sum(end - start for start, end in true.graduals),
        found=len(found.cuts) + len(found.graduals),
        minutes=minutes,
    )
