"""Segments obey the paper's rules for whatever shots there are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.segments import Segment, SegmentSettings, cut_segments
from films_for_tests import shot_ranges

counts = st.lists(st.integers(1, 2000), max_size=12)
sizes = st.tuples(st.integers(1, 400), st.integers(1, 400)).map(
    lambda pair: SegmentSettings(length=max(pair), minimum=min(pair))
)


@given(counts=counts, settings=sizes)
def test_segments_obey_their_laws(counts: list[int], settings: SegmentSettings) -> None:
    shots = shot_ranges(counts) if counts else []
    segments = cut_segments(shots, settings)
    for segment in segments:
        start, end = shots[segment.shot]
        assert start <= segment.start < segment.end <= end  # never across a shot
        assert settings.minimum <= segment.end - segment.start <= settings.length
    assert all(one.end <= other.start for one, other in pairwise(segments))  # never overlapping
    for shot, (start, end) in enumerate(shots):
        lengths = [s.end - s.start for s in segments if s.shot == shot]
        whole, rest = divmod(end - start, settings.length)
        kept = [rest] if rest >= settings.minimum else []
        assert lengths == [settings.length] * whole + kept  # every stretch that is long enough


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (47, []),
        (48, [(0, 48)]),
        (300, [(0, 300)]),
        (347, [(0, 300)]),
        (348, [(0, 300), (300, 348)]),
        (600, [(0, 300), (300, 600)]),
    ],
)
def test_the_rest_of_a_shot_is_kept_from_48_frames(
    frames: int, expected: list[tuple[int, int]]
) -> None:
    segments = cut_segments([(0, frames)], SegmentSettings())
    assert segments == [Segment(0, start, end) for start, end in expected]


def test_numbers_of_shots_stay_where_short_ones_are_passed_over() -> None:
    segments = cut_segments([(0, 10), (10, 110), (110, 120), (120, 200)], SegmentSettings())
    assert segments == [Segment(1, 10, 110), Segment(3, 120, 200)]


@pytest.mark.parametrize(("length", "minimum"), [(0, 0), (300, 0), (48, 49), (-1, 5)])
def test_wrong_settings_are_refused(length: int, minimum: int) -> None:
    with pytest.raises(ValueError, match="1 <= minimum <= length"):
        SegmentSettings(length, minimum)
