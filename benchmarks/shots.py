"""Compare shot detectors on films with known cuts: accuracy, speed, memory.

python benchmarks/shots.py --videos DIR --to DIR [--small] [--docs docs/benchmarks]
"""

import argparse
import json
import platform
from collections.abc import Sequence
from pathlib import Path

import psutil

from pages import DOCS
from shot_families import WITHOUT_CUTS
from shot_films import compose, reporting_specs
from shot_readings import read_films
from shot_rows import Result, passes, results, rows, shown
from shot_speed import compare_speed
from shot_tables import (
    CUT_FAMILIES,
    GRADUAL_FAMILIES,
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


def report(all_results: Sequence[Result], speed: Sequence[str]) -> str:
    """The page."""
    from eruv.detection.detectors import DEFAULT_DETECTOR

    films = {result.film.path for result in all_results}
    frames = sum({one.film.path: one.frames for one in all_results}.values())
    common = [one for one in all_results if one.film.transnet]
    most = [one for one in all_results if one.row.tool != "TransNetV2"]
    lines = [
        "# Shot detectors, compared",
        "",
        "    make bench-shots VIDEOS=DIR",
        "",
        f"{len(films)} films, {frames} frames; {_machine()}. "
        "Every detector ran in processes of its own on two cores, in turns with the "
        "others. What counts as found is written in `benchmarks/shot_scores.py`, how films are "
        "composed in `benchmarks/shot_families.py`; tuned parameters are in "
        "`benchmarks/tuned_shots.json`, found on films whose clips are in none of those here. "
        "`learned` was trained on films of the same composer and families, from other clips; "
        "TransNetV2 was trained on other films, and PySceneDetect's rules were not trained. "
        'PySceneDetect 0.7.2; "tuned" is with `min_scene_len=1`, "default" with its 15.',
        "",
        "![F1 of all detectors](shots.svg)",
        "",
        "## All films",
        "",
        "TransNetV2 is in the table below, on the films that it saw.",
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
        "## Films without cuts: what was found a minute",
        "",
        *family_table(most, WITHOUT_CUTS, false_a_minute),
        "## With TransNetV2",
        "",
        "On two cores it reads too few frames a second for all films. These are the films of "
        "240p at 12 and 25 frames/s and `bikes.mp4`, for all detectors.",
        "",
        *overall_table(common),
        *(
            [
                "## Speed",
                "",
                "Medians of rounds in turns; ratios are medians of ratios of a round. Importing "
                "libraries and loading compiled code comes before the clock runs.",
                "",
                *speed,
                "",
            ]
            if speed
            else []
        ),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose, measure, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="folder with source clips")
    parser.add_argument("--to", type=Path, required=True, help="folder for films and readings")
    parser.add_argument("--docs", type=Path, help="folder for the page; --to for small runs")
    parser.add_argument("--small", action="store_true", help="one film a family")
    parser.add_argument("--no-speed", action="store_true", help="accuracy alone")
    parser.add_argument("--no-transnet", action="store_true", help="without the slow one")
    given = parser.parse_args(arguments)
    folder = given.to / "reporting"
    films = shown(compose(folder, given.videos, reporting_specs(small=given.small)))
    families = list(dict.fromkeys(film.family for film in films))
    by_path = {film.path: film for film in films}
    all_rows = rows()
    taken = read_films(
        passes(all_rows),
        [[film.path for film in films if film.family == family] for family in families],
        given.to / "readings",
        lambda one, path: (
            one.tool != "transnetv2" or (by_path[path].transnet and not given.no_transnet)
        ),
        lambda text: print(text, flush=True),
    )
    all_results = results(all_rows, films, taken)
    speed = [] if given.no_speed else compare_speed(given.to / "speed", given.videos)
    text = report(all_results, speed)
    docs = given.docs or (given.to if given.small else DOCS)
    docs.mkdir(parents=True, exist_ok=True)
    (docs / "shots.md").write_text(text)
    (docs / "shots.svg").write_text(chart(all_results))
    (docs / "shots.json").write_text(json.dumps({"results": as_data(all_results), "speed": speed}))
    print(text)


if __name__ == "__main__":
    main()
