"""What `learned` finds in films after people's files: soft cuts, long dissolves, repeats, slides.

    python benchmarks/shot_real_kinds.py --videos DIR --to DIR [--docs docs/benchmarks]

Every transition counts alike, a cut as an empty range: a true one is found where a found one meets
it or lies a frame beside it, each serving once.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eruv.detection.detect import ShotList, detect_shots
from eruv.detection.detectors import DetectorChoice
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
    """

    films: int = 0
    minutes: float = 0.0
    true: int = 0
    found: int = 0
    matched: int = 0
    gradual: int = 0
    overlap: float = 0.0
    pieces: int = 0

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


def score_of(film: Film, found: Sequence[Range]) -> KindScore:
    """Of one film, given the ranges that were found, a cut being an empty one."""
    true = sorted([(cut, cut) for cut in film.cuts] + list(film.graduals))
    best = [
        max((overlap_of(one, other) for other in found if other[0] < other[1]), default=0.0)
        for one in film.graduals
    ]
    return KindScore(
        films=1,
        minutes=film.num_frames / film.spec.fps / 60,
        true=len(true),
        found=len(found),
        matched=match_ranges(true, found),
        gradual=sum(one > 0 for one in best),
        overlap=sum(best),
        pieces=sum(
            sum(low <= end and high >= start for low, high in found) > 1
            for start, end in film.graduals
        ),
    )


def ranges_of(shots: ShotList) -> list[Range]:
    """What was found, in order."""
    return [(one.start, one.end) for one in shots.transitions]


def scores(films: Mapping[Path, Film]) -> dict[str, KindScore]:
    """By family."""
    found: dict[str, KindScore] = {}
    for path, film in films.items():
        one = score_of(film, ranges_of(detect_shots(path, "learned", threads=1)))
        found[film.spec.family] = found.get(film.spec.family, KindScore()) + one
    return found


def plain_scores(films: Mapping[Path, Film]) -> dict[str, Score]:
    """By family, as `shots.py` counts."""
    found: dict[str, Score] = {}
    for path, film in films.items():
        shots = detect_shots(path, "learned", threads=1)
        cuts = [one.start for one in shots.transitions if one.kind == "cut"]
        graduals = [(one.start, one.end) for one in shots.transitions if one.is_gradual]
        one = score(truth_of(film), transitions(cuts, graduals), minutes_of(film))
        found[film.spec.family] = found.get(film.spec.family, Score()) + one
    return found


def plain_table(found: Mapping[str, Score]) -> list[str]:
    """A line a family, and one for all."""
    lines = [
        "| family | cuts F1 @0 | gradual F1 (ClipShots) | false a minute |",
        "|---|---|---|---|",
    ]
    still = total(one for family, one in found.items() if family in WITHOUT_CUTS)
    rows = [(family, one, one) for family, one in found.items()]
    for family, one, without in [*rows, ("together", total(found.values()), still)]:
        false = family in WITHOUT_CUTS or family == "together"
        lines.append(
            f"| {family} | {f'{one.cuts[0].f1:.3f}' if one.cuts[0].true else '–'} "
            f"| {f'{one.graduals.f1:.3f}' if one.graduals.true else '–'} "
            f"| {f'{without.found_per_minute:.2f}' if false else '–'} |"
        )
    return lines


def page(found: Mapping[str, KindScore], plain: Mapping[str, Score]) -> str:
    """Both tables."""
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
        "those that more than one found transition lies in.",
        "",
        "| family | what | films | true | found | recall | precision | F1 | IoU | in pieces "
        "| false a minute |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for family, one in found.items():
        recall = f"{one.matched / one.true:.3f}" if one.true else "–"
        precision = f"{one.matched / one.found:.3f}" if one.found else "–"
        overlap = f"{one.overlap / one.gradual:.2f}" if one.gradual else "–"
        lines.append(
            f"| {family} | {ABOUT[family]} | {one.films} | {one.true} | {one.found} | {recall} "
            f"| {precision} | {one.f1:.3f} | {overlap} | {one.pieces if one.gradual else '–'} "
            f"| {(one.found - one.matched) / one.minutes:.2f} |"
        )
    lines += [
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
    found = scores(compose(given.to / "real-kinds", given.videos, real_specs("reporting")))
    specs = [spec for spec in reporting_specs() if spec.height == 240]
    plain = plain_scores(compose(given.to / "reporting", given.videos, specs))
    given.docs.mkdir(parents=True, exist_ok=True)
    text = page(found, plain)
    (given.docs / "shots_real_kinds.md").write_text(text)
    stored = {
        "real": {name: asdict(one) for name, one in found.items()},
        "plain": {name: asdict(one) for name, one in plain.items()},
    }
    (given.docs / "shots_real_kinds.json").write_text(json.dumps(stored, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
