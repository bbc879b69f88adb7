"""What `learned` finds in films after people's files: soft cuts, long dissolves, repeats, slides.

    python benchmarks/shot_real_kinds.py --videos DIR --to DIR [--docs docs/benchmarks]

Every transition counts alike, a cut as an empty range: a true one is found where a found one meets
it or lies a frame beside it, each serving once.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eruv.detection.detect import detect_shots
from eruv.detection.detectors import DetectorChoice
from eruv.detection.detectors.base import GRADUAL_KINDS, Transition
from pages import DOCS
from shot_detectors import transitions
from shot_families import WITHOUT_CUTS
from shot_films import Film, compose, real_specs, reporting_specs
from shot_scores import Range, Score, match_ranges, score, total
from shot_tuning import minutes_of, truth_of

ABOUT = {
    "soft": "1 to 4 blended or combed frames at a cut",
    "long-dissolves": "dissolves of 0.2 to 3 s, at 12 to 240 frames/s",
    "repeats": "every picture 2 to 5 times, or 24 in 60 by 3:2",
    "slides": "text on one background; title cards that fade",
    "photographs": "stills, at 1 and 2 frames/s one frame each",
    "montage": "shots of 2 to 10 frames at 24 to 30 frames/s",
    "pushes": "one picture pushes the other out",
    "strobes": "one shot with a strobe: nothing to find",
    "screens": "typing and a pointer; windows change by cuts",
    "zooms": "stills with fast zooms right behind cuts",
    "compressed": "CRF 34 to 48: every key frame is seen",
    "turns": "whips, zooms, spins, pixels, squeezes",
}


@dataclass(frozen=True)
class KindScore:
    """Of one family.

    Attributes:
        films, minutes: how many, and how long they play.
        true, found, matched: transitions.
        gradual, overlap: how many gradual ones overlap a found range, and the sum of their
            intersections over unions with the best one.
        pieces: gradual ones that more than one found transition lies in.
        told: gradual ones whose best range has the right kind.
    """

    films: int = 0
    minutes: float = 0.0
    true: int = 0
    found: int = 0
    matched: int = 0
    gradual: int = 0
    overlap: float = 0.0
    pieces: int = 0
    told: int = 0

    def __add__(self, other: "KindScore") -> "KindScore":
        mine, others = asdict(self), asdict(other)
        return KindScore(**{name: mine[name] + others[name] for name in mine})

    @property
    def f1(self) -> float:
        """1 where there is nothing and nothing was found."""
        total = self.true + self.found
        return 2 * self.matched / total if total else 1.0


def overlap_of(one: Range, other: Range) -> float:
    """Intersection over union of half-open ranges."""
    both = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, both) / (max(one[1], other[1]) - min(one[0], other[0]))


def score_of(film: Film, transitions: Sequence[Transition]) -> KindScore:
    """Of one film, given what was found in order."""
    found = [(one.start, one.end) for one in transitions]
    true = sorted([(cut, cut) for cut in film.cuts] + list(film.graduals))
    told = told_kinds(film, transitions)
    best = [overlap for _, _, overlap in told]
    return KindScore(
        films=1,
        minutes=film.num_frames / film.spec.fps / 60,
        true=len(true),
        found=len(found),
        matched=match_ranges(true, found),
        gradual=sum(one > 0 for one in best),
        overlap=sum(best),
        told=sum(kind == true_kind for true_kind, kind, _ in told),
        pieces=sum(
            sum(low <= end and high >= start for low, high in found) > 1
            for start, end in film.graduals
        ),
    )


def told_kinds(film: Film, found: Sequence[Transition]) -> list[tuple[str, str, float]]:
    """True kind of each gradual transition; kind and overlap of the range that fits it best.

    The kind is empty, and the overlap 0, where no range overlaps it.
    """
    told = []
    for one, true_kind in zip(film.graduals, film.kinds, strict=True):
        fits = [
            (overlap_of(one, (other.start, other.end)), other.kind)
            for other in found
            if other.is_gradual
        ]
        overlap, kind = max(fits, default=(0.0, ""))
        told.append((true_kind, kind if overlap else "", overlap))
    return told


def confusion(pairs: Sequence[tuple[str, str, float]]) -> list[str]:
    """A line a true kind: how often it was told as which, and the mean overlap."""
    kinds = [*GRADUAL_KINDS, ""]
    lines = [
        f"| true | {' | '.join(kind or 'no range' for kind in kinds)} | right | IoU |",
        "|---" * (len(kinds) + 3) + "|",
    ]
    for true_kind in (*GRADUAL_KINDS, "together"):
        some = [one for one in pairs if true_kind in (one[0], "together")]
        counts = Counter(kind for _, kind, _ in some)
        met = [one for one in some if one[1]]
        if met:
            right = sum(kind == true for true, kind, _ in met) / len(met)
            overlap = sum(one[2] for one in met) / len(met)
            cells = " | ".join(str(counts[kind]) for kind in kinds)
            lines.append(f"| {true_kind} | {cells} | {right:.3f} | {overlap:.2f} |")
    return lines


def scores(
    films: Mapping[Path, Film], found: Mapping[Path, Sequence[Transition]]
) -> dict[str, KindScore]:
    """By family."""
    by_family: dict[str, KindScore] = {}
    for path, film in films.items():
        one = score_of(film, found[path])
        by_family[film.spec.family] = by_family.get(film.spec.family, KindScore()) + one
    return by_family


def plain_scores(
    films: Mapping[Path, Film], transitions_of: Mapping[Path, Sequence[Transition]]
) -> dict[str, Score]:
    """By family, as `shots.py` counts."""
    found: dict[str, Score] = {}
    for path, film in films.items():
        transitions_found = transitions_of[path]
        cuts = [one.start for one in transitions_found if one.kind == "cut"]
        graduals = [(one.start, one.end) for one in transitions_found if one.is_gradual]
        one = score(truth_of(film), transitions(cuts, graduals), minutes_of(film))
        found[film.spec.family] = found.get(film.spec.family, Score()) + one
    return found


def plain_table(found: Mapping[str, Score]) -> list[str]:
    """A line a family, and one for all."""
    lines = [
        "| family | cuts F1 @0 | with stray ranges | gradual F1 (ClipShots) | false a minute |",
        "|---|---|---|---|---|",
    ]
    still = total(one for family, one in found.items() if family in WITHOUT_CUTS)
    rows = [(family, one, one) for family, one in found.items()]
    for family, one, without in [*rows, ("together", total(found.values()), still)]:
        false = family in WITHOUT_CUTS or family == "together"
        lines.append(
            f"| {family} | {f'{one.cuts[0].f1:.3f}' if one.cuts[0].true else '–'} "
            f"| {f'{one.strict_cuts.f1:.3f}' if one.cuts[0].true else '–'} "
            f"| {f'{one.graduals.f1:.3f}' if one.graduals.true else '–'} "
            f"| {f'{without.found_per_minute:.2f}' if false else '–'} |"
        )
    return lines


def page(
    found: Mapping[str, KindScore],
    plain: Mapping[str, Score],
    told: Sequence[tuple[str, str, float]],
) -> str:
    """All tables."""
    lines = [
        "# What `learned` finds in films after people's files",
        "",
        "    python benchmarks/shot_real_kinds.py --videos DIR --to DIR",
        "",
        f"{DetectorChoice('learned')}. Films of 240p, CRF 18 to 48, composed by "
        "`benchmarks/shot_real_families.py` of clips that are in none of the films that it was "
        "trained on; their figures were looked at while families and rules were made, and of the "
        "last two trainings the better one was kept. A true transition, cut or gradual, is found "
        "where a found one meets it or lies a frame beside it. IoU is the mean "
        "overlap of gradual ones with what was found, in frames; in pieces are "
        "those that more than one found transition lies in; kinds are right where the range that "
        "fits best has the true one.",
        "",
        "| family | what | films | true | found | recall | precision | F1 | IoU | in pieces "
        "| kinds right | false a minute |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for family, one in found.items():
        recall = f"{one.matched / one.true:.3f}" if one.true else "–"
        precision = f"{one.matched / one.found:.3f}" if one.found else "–"
        overlap = f"{one.overlap / one.gradual:.2f}" if one.gradual else "–"
        lines.append(
            f"| {family} | {ABOUT[family]} | {one.films} | {one.true} | {one.found} | {recall} "
            f"| {precision} | {one.f1:.3f} | {overlap} | {one.pieces if one.gradual else '–'} "
            f"| {f'{one.told} of {one.gradual}' if one.gradual else '–'} "
            f"| {(one.found - one.matched) / one.minutes:.2f} |"
        )
    lines += [
        "",
        "Kinds of the gradual transitions of all films on this page. What tells them was learned "
        "by `benchmarks/train_kinds.py` on tuning films; of these the table alone was looked at.",
        "",
        *confusion(told),
        "",
        "The films of 240p that [the comparison](shots.md) reports, scored as there; false ones a "
        "minute are those of the families without cuts.",
        "",
        *plain_table(plain),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose, measure, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="folder with source clips")
    parser.add_argument("--to", type=Path, required=True, help="folder for the films")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder for the page")
    given = parser.parse_args(arguments)
    real = compose(given.to / "real-kinds", given.videos, real_specs("reporting"))
    specs = [spec for spec in reporting_specs() if spec.height == 240]
    usual = compose(given.to / "reporting", given.videos, specs)
    films = real | usual
    transitions_of = {path: detect_shots(path, "learned", threads=1).transitions for path in films}
    found, plain = scores(real, transitions_of), plain_scores(usual, transitions_of)
    told = [one for path, film in films.items() for one in told_kinds(film, transitions_of[path])]
    given.docs.mkdir(parents=True, exist_ok=True)
    text = page(found, plain, told)
    (given.docs / "shots_real_kinds.md").write_text(text)
    stored = {
        "real": {name: asdict(one) for name, one in found.items()},
        "plain": {name: asdict(one) for name, one in plain.items()},
    }
    (given.docs / "shots_real_kinds.json").write_text(json.dumps(stored, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
