"""What all detectors have in common: names, parameters, and the protocol."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.detect import detect_shots
from eruv.detection.detectors import DEFAULT_DETECTOR, DETECTORS, DetectorChoice
from eruv.detection.detectors.base import Detection, Detector, PictureFormat, Transition
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


class Scripted:
    """Finds those of the transitions that lie within its span, which begins at frame `start`."""

    picture: ClassVar[PictureFormat] = PictureFormat(2, 2, "gray")
    context = 0

    def __init__(self, ranges: list[tuple[int, int]], start: int) -> None:
        self.ranges, self.start, self.count = ranges, start, 0

    def add(self, planes: Sequence[np.ndarray], time_s: float | None = None) -> None:
        self.count += 1

    def finish(self) -> Detection:
        found = [
            Transition(start - self.start, end - self.start, "gradual", 1.0)
            for start, end in self.ranges
            if self.start <= start and end <= self.start + self.count
        ]
        return Detection(self.count, tuple(found), np.zeros(self.count, np.float32), 0.5)


@given(
    edges=st.lists(st.integers(1, 59), max_size=8, unique=True).map(sorted),
    gaps=st.lists(st.integers(1, 59), max_size=4, unique=True),
)
def test_no_shot_holds_a_frame_of_a_transition_or_spans_a_gap(
    edges: list[int], gaps: list[int]
) -> None:
    ranges = list(zip(edges[::2], edges[1::2], strict=False))
    # A transition never spans a gap, but may begin or end at one.
    gaps = [gap for gap in gaps if not any(start < gap < end for start, end in ranges)]
    told = iter([0, *sorted(gaps)])
    detector = Detector(lambda: Scripted(ranges, next(told)))
    for frame in range(60):
        if frame in gaps:
            detector.break_here()
        detector.add([])
    shots = detector.finish().shots
    inside = {frame for start, end in ranges for frame in range(start, end)}
    covered = [frame for start, end in shots for frame in range(start, end)]
    assert sorted(covered) == sorted(set(range(60)) - inside)
    assert not any(start < gap < end for start, end in shots for gap in gaps)


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("hog-reference", {"window": 11.5}, "window must be a whole number; got 11.5"),
        ("hog-fixed", {"threshold": float("nan")}, "threshold must be a finite number; got nan"),
        ("learned", {"apart": float("inf")}, "apart must be a whole number; got inf"),
    ],
)
def test_parameters_of_the_wrong_kind_are_refused(
    name: str, wrong: dict[str, float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        DetectorChoice(name, wrong)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert DetectorChoice("hog-reference", {"window": 11.0}) == DetectorChoice("hog-reference")
    assert type(DetectorChoice("hog-reference", {"window": 11.0}).parameters["window"]) is int
