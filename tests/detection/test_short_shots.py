"""Short shots are joined or dropped: laws for any film, and the right neighbour."""

from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.detect import ShotList
from eruv.detection.detectors.base import Transition
from eruv.detection.short_shots import drop_short, merge_short
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list

FRAMES = 300


def ranges(shots: ShotList) -> list[tuple[int, int]]:
    return [(shot.start, shot.end) for shot in shots.shots]


@st.composite
def films(draw: st.DrawFn) -> ShotList:
    """Films of any cuts, dissolves and gaps."""
    places = sorted(draw(st.sets(st.integers(1, FRAMES - 1), max_size=40)))
    found: list[Transition] = []
    reached = 0
    for place in places:
        if place < reached:
            continue
        kind = draw(st.sampled_from(["cut", "gradual", "gap"]))
        length = draw(st.integers(1, 12)) if kind == "gradual" else 0
        end = min(FRAMES, place + length)
        found.append(Transition(place, end, kind, draw(st.floats(0.1, 1))))
        reached = end + 1
    return shot_list(found, FRAMES)


@given(films(), st.integers(0, FRAMES))
def test_no_shot_is_short_but_between_gaps(shots: ShotList, least: int) -> None:
    merged = merge_short(shots, least / 25)
    before, after = ranges(shots), ranges(merged)
    # Every shot lies in one of the new ones, which begin and end where shots did.
    assert all(any(a <= c and d <= b for a, b in after) for c, d in before)
    assert {start for start, _ in after} <= {start for start, _ in before}
    assert {end for _, end in after} <= {end for _, end in before}
    gaps = {one.start for one in shots.transitions if one.kind == "gap"}
    assert gaps == {one.start for one in merged.transitions if one.kind == "gap"}
    assert not any(start < gap < end for start, end in after for gap in gaps)
    for start, end in after:
        alone = not any(
            one.kind != "gap" and (one.end == start or one.start == end)
            for one in merged.transitions
            if one.start > 0 and one.end < FRAMES
        )
        assert end - start >= least or alone
    # What was long enough, beside what was, is as before.
    if all(end - start >= least for start, end in before):
        assert merged == shots


@given(films(), st.integers(0, FRAMES))
def test_dropped_shots_are_those_that_are_short(shots: ShotList, least: int) -> None:
    kept = drop_short(shots, least / 25)
    assert ranges(kept) == [(a, b) for a, b in ranges(shots) if b - a >= least]
    assert kept.transitions == shots.transitions


def test_the_neighbour_from_which_less_tells_a_shot_apart_takes_it() -> None:
    cuts = [Transition(40, 40, "cut", 0.9), Transition(45, 45, "cut", 0.6)]
    assert ranges(merge_short(shot_list(cuts, 100), 1.0)) == [(0, 40), (40, 100)]
    cuts = [Transition(40, 40, "cut", 0.5), Transition(45, 45, "cut", 0.6)]
    assert ranges(merge_short(shot_list(cuts, 100), 1.0)) == [(0, 45), (45, 100)]


def test_a_dissolve_that_goes_belongs_to_the_shot_and_a_gap_stays() -> None:
    shots = merge_short(shot_list(CUT_DISSOLVE_GAP, 100), 1.0)  # of 30, 20, 18 and 20 frames
    assert ranges(shots) == [(0, 30), (30, 80), (80, 100)]
    assert [one.kind for one in shots.transitions] == ["cut", "gap"]
    assert [(shot.start_s, shot.end_s) for shot in shots.shots][1] == (1.2, 3.2)
