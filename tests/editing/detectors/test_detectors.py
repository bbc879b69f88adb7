"""What all detectors have in common: names, parameters, and the protocol."""

from pathlib import Path

import numpy as np
import pytest

from eruv.editing.detection import Transition
from eruv.editing.detectors import DEFAULT_DETECTOR, DETECTORS, DetectorChoice
from eruv.editing.shot_list import detect_shots
from films_for_tests import render_video, shot_ranges


def test_a_choice_knows_all_its_parameters_and_its_version() -> None:
    choice = DetectorChoice("hog-reference", {"threshold": 0.1})
    assert choice.parameters == {
        "threshold": 0.1,
        "window": 11,
        "deviations": 1.5,
        "matches": 40,
        "extremes": 1,
    }
    assert choice.version == DETECTORS["hog-reference"].version
    assert DetectorChoice.of(None).name == DEFAULT_DETECTOR


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"hog-fixed.*got 'hog'"):
        DetectorChoice("hog")
    with pytest.raises(ValueError, match="are threshold; got treshold"):
        DetectorChoice("hog-fixed", {"treshold": 1})
    with pytest.raises(ValueError, match="positive"):
        DetectorChoice("hog-fixed", {"threshold": -1})


@pytest.mark.parametrize("name", DETECTORS)
def test_a_film_without_frames_has_no_shots(name: str) -> None:
    found = DetectorChoice(name).make().finish()
    assert (found.num_frames, found.shots, len(found.scores)) == (0, [], 0)


@pytest.mark.parametrize("detector", ["hog-reference", "learned"])
@pytest.mark.parametrize("size", [(96, 72), (320, 240), (72, 128)])
@pytest.mark.parametrize("counts", [(60, 60), (49, 51, 70), (130,), (12, 12, 12, 12)])
def test_rendered_cuts_are_found_exactly(
    tmp_path: Path, detector: str, size: tuple[int, int], counts: tuple[int, ...]
) -> None:
    path = render_video(tmp_path / "film.mp4", list(enumerate(counts)), size=size)
    shots = detect_shots(path, detector).shots
    assert [(shot.start, shot.end) for shot in shots] == shot_ranges(counts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": -1, "end": 0, "kind": "cut"},
        {"start": 3, "end": 2, "kind": "gradual"},
        {"start": 3, "end": 3, "kind": "gradual"},
        {"start": 3, "end": 4, "kind": "cut"},
    ],
)
def test_impossible_transitions_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="transition"):
        Transition(**wrong, score=np.float32(1))
