"""Tune every detector on the tuning films; write `tuned_shots.json`.

python benchmarks/shot_tuning.py --videos DIR --to DIR
"""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from shot_decisions import DECIDE, transnet
from shot_detectors import Pass, Reading
from shot_films import Film, compose, tuning_specs
from shot_readings import read_films
from shot_scores import Score, Transitions, score, total

TUNED = Path(__file__).with_name("tuned_shots.json")
Parameters = dict[str, float]
Decide = Callable[[Mapping[str, list[float]], Mapping[str, float]], Transitions]

GRIDS: dict[str, dict[str, list[float]]] = {
    "content": {"threshold": [float(value) for value in range(4, 61)]},
    "adaptive": {
        "adaptive_threshold": [1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 11.0, 15.0, 20.0],
        "min_content_val": [1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0],
    },
    # The distance is a number of 64 bits.
    "hash": {"threshold": [bits / 64 for bits in range(2, 40)]},
    "histogram": {"threshold": np.geomspace(0.001, 0.95, 40).round(4).tolist()},
    "threshold": {"threshold": [float(value) for value in range(1, 80, 2)]},
}
TRANSNET_GRID = {
    "threshold": [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
    "many": [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
}
# Detectors of ours with nothing to tune but a threshold on their score.
ONLY_THRESHOLD = ("hog-fixed",)
# TransNetV2 runs at a few dozen frames/s on two cores: it is tuned, and reported, on these rates
# at 240p.
TRANSNET_RATES = (12, 25)


def for_transnet(film: Film) -> bool:
    """Whether TransNetV2 gets to see a film."""
    spec = film.spec
    return spec.height == 240 and spec.index == 0 and spec.fps in TRANSNET_RATES


def truth_of(film: Film) -> Transitions:
    """For `score`."""
    return Transitions(film.cuts, film.graduals)


def minutes_of(film: Film) -> float:
    """How long it plays."""
    return film.num_frames / film.spec.fps / 60


def points(grid: Mapping[str, Sequence[float]]) -> Iterable[Parameters]:
    """Every combination."""
    return (dict(zip(grid, values, strict=True)) for values in product(*grid.values()))


def best(
    decide: Decide,
    grid: Mapping[str, Sequence[float]],
    films: Sequence[Film],
    readings: Sequence[Reading],
) -> dict[str, Parameters]:
    """The parameters with the best F1 of either kind; the first of several.

    Returns:
        By "cuts" and "graduals".
    """
    tried: list[tuple[Parameters, Score]] = []
    for parameters in points(grid):
        scores = [
            score(truth_of(film), decide(reading.signals, parameters), minutes_of(film))
            for film, reading in zip(films, readings, strict=True)
        ]
        tried.append((parameters, total(scores)))
    return {
        "cuts": max(tried, key=lambda one: one[1].cuts[0].f1)[0],
        "graduals": max(tried, key=lambda one: one[1].either.f1)[0],
    }


def above(signals: Mapping[str, list[float]], parameters: Mapping[str, float]) -> Transitions:
    """A detector of ours that is nothing but a threshold on its score."""
    where = np.array(signals["score"], np.float32) > parameters["threshold"]
    return Transitions(tuple(int(t) for t in np.flatnonzero(where)))


def tune(films: Mapping[Path, Film], folder: Path) -> dict[str, Any]:
    """The best parameters of all detectors."""
    passes = [
        Pass("pyscenedetect-signals"),
        *(Pass("eruv", name) for name in ONLY_THRESHOLD),
        Pass("transnetv2"),
    ]
    taken = read_films(
        passes,
        [[path] for path in films],
        folder,
        lambda one, path: one.tool != "transnetv2" or for_transnet(films[path]),
        print,
    )

    def of(name: str) -> tuple[list[Film], list[Reading]]:
        seen = [(film, path) for path, film in films.items() if (name, path.name) in taken]
        return [film for film, _ in seen], [taken[name, path.name].reading for _, path in seen]

    signals = of("pyscenedetect-signals")
    tuned: dict[str, Any] = {
        "pyscenedetect": {
            name: best(decide, GRIDS[name], *signals) for name, decide in DECIDE.items()
        },
        "transnetv2": best(transnet, TRANSNET_GRID, *of("transnetv2")),
        "eruv": {},
    }
    for name in ONLY_THRESHOLD:
        grid = {"threshold": np.linspace(0.02, 0.12, 51).round(4).tolist()}
        tuned["eruv"][name] = best(above, grid, *of(f"eruv {name}"))["cuts"]
    return tuned


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose the tuning films, tune, and write `tuned_shots.json`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="folder with source clips")
    parser.add_argument("--to", type=Path, required=True, help="folder for films and readings")
    given = parser.parse_args(arguments)
    films = compose(given.to / "tuning", given.videos, tuning_specs())
    tuned = tune(films, given.to / "readings")
    TUNED.write_text(json.dumps(tuned, indent=1) + "\n")
    print(TUNED.read_text())


if __name__ == "__main__":
    main()
