"""The contact sheet: the right pictures, the curve, nothing loaded from elsewhere.

Covers also: score_curve.
"""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.detection.detect import Shot, detect_shots
from eruv.detection.detectors.base import Transition
from eruv.detection.export.contact_sheet import (
    contact_sheet,
    shown_frames,
)
from eruv.detection.export.rows import ShotRow
from eruv.detection.export.score_curve import HEIGHT, MOST_POINTS, WIDTH, score_curve
from films_for_tests import NumberedVideo, frame_number_of, render_video
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list

VOID = ("meta", "link", "img", "br")


class Page(HTMLParser):
    """The pictures and addresses of a page; fails where a tag is left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[tuple[str, str]] = []
        self.addresses: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.addresses += [str(values[key]) for key in ("src", "href") if key in values]
        if tag == "img":
            self.images.append((str(values["alt"]), str(values["src"])))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def picture_of(uri: str) -> np.ndarray:
    """RGB of a data URI."""
    kind, data = uri.split(",", 1)
    assert kind == "data:image/jpeg;base64"
    with av.open(io.BytesIO(base64.b64decode(data))) as container:
        frame = next(container.decode(video=0))
    return frame.to_ndarray(format="rgb24")


def test_every_shot_has_its_first_middle_and_last_frame(numbered_video: NumberedVideo) -> None:
    shots = detect_shots(numbered_video.path, "hog-fixed")
    assert [(shot.start, shot.end) for shot in shots.shots] == numbered_video.shots
    page = Page(contact_sheet(shots))
    wanted = [
        frame
        for start, end in numbered_video.shots
        for frame in (start, (start + end - 1) // 2, end - 1)
    ]
    assert [alt for alt, _ in page.images] == [f"Frame {frame}" for frame in wanted]
    assert [frame_number_of(picture_of(uri)) for _, uri in page.images] == wanted
    assert picture_of(page.images[0][1]).shape == (120, 160, 3)


def test_the_page_loads_nothing_and_names_are_text(tmp_path: Path) -> None:
    path = render_video(tmp_path / "<script>&.mp4")
    text = contact_sheet(detect_shots(path, "hog-fixed"))
    page = Page(text)
    assert all(address.startswith("data:") for address in page.addresses)
    assert not re.search(r"https?:|@import|url\(|<script", text)
    assert "&lt;script&gt;&amp;.mp4" in text
    assert "prefers-color-scheme: dark" in text


def test_all_kinds_of_transition_are_marked(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 100)])
    found = detect_shots(path, "hog-fixed")
    marked = shot_list(CUT_DISSOLVE_GAP, 100, path=path)
    text = contact_sheet(replace(marked, scores=found.scores, threshold=0.05))
    assert len(Page(text).images) == 12
    assert 'title="frames 50 to 62, score 0.700, confidence 0.800">dissolve' in text
    assert "after a gap" in text
    assert "1 dissolve<" in text
    assert "threshold 0.05" in text


@pytest.mark.parametrize(("num_shots", "pictures"), [(1, 3), (500, 3), (501, 1), (3000, 1)])
def test_pictures_of_many_shots_are_bounded(num_shots: int, pictures: int) -> None:
    row = ShotRow(1, 10, 20, 0.4, 0.8, "cut", 0, 0.9, None, 10, 10)
    assert len(shown_frames(row, num_shots)) == pictures
    assert shown_frames(replace(row, end=11), num_shots) == [10]
    assert shown_frames(replace(row, end=12), num_shots)[0] == 10


def test_a_page_of_five_hundred_shots_stays_small(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(seed, 60) for seed in range(25)], size=(320, 240))
    found = detect_shots(path, "hog-fixed")
    ranges = [(start, start + 3) for start in range(0, 1500, 3)]
    shots = tuple(Shot(*part, *found.times.range(*part)) for part in ranges)
    cuts = tuple(Transition(start, start, "cut", 0.1) for start, _ in ranges[1:])
    text = contact_sheet(replace(found, shots=shots, transitions=cuts))
    assert len(Page(text).images) == 1500
    assert len(text) < 16_000_000


def test_the_curve_keeps_every_peak_of_a_long_film() -> None:
    cuts = [Transition(frame, frame, "cut", 0.9) for frame in range(997, 90_000, 997)]
    curve = score_curve(shot_list(cuts, 90_000))
    assert curve.least_width == 8 * len(cuts)
    points = [tuple(map(float, point.split())) for point in curve.path.removeprefix("M").split("L")]
    assert len(points) <= MOST_POINTS
    level, _ = curve.threshold
    assert sum(y < level for _, y in points) == len(cuts)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert [mark.kind for mark in curve.marks] == ["cut"] * len(cuts)


def test_the_curve_of_one_frame() -> None:
    curve = score_curve(shot_list([], 1))
    assert curve.path.startswith("M0 ")
    assert curve.marks == []
