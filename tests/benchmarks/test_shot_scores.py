"""Scores of found transitions: cases by hand, and laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shot_scores import Counts, Transitions, match_cuts, match_ranges, score, total


def best_matching(true, found, fits) -> int:
    """Most pairs, by trying every way."""
    if not true or not found:
        return 0
    rest = best_matching(true[1:], found, fits)
    ways = [
        1 + best_matching(true[1:], found[:n] + found[n + 1 :], fits)
        for n, one in enumerate(found)
        if fits(true[0], one)
    ]
    return max([rest, *ways])


cut_lists = st.lists(st.integers(0, 14), max_size=5, unique=True).map(sorted)


range_lists = st.lists(st.integers(0, 25), max_size=9, unique=True).map(
    lambda edges: list(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)


@given(cut_lists, cut_lists, st.integers(0, 3))
def test_matching_of_cuts_is_the_largest(true, found, tolerance):
    pairs = match_cuts(true, found, tolerance)
    assert all(abs(a - b) <= tolerance for a, b in pairs)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert len(pairs) == best_matching(true, found, lambda a, b: abs(a - b) <= tolerance)


@given(range_lists, range_lists)
def test_matching_of_ranges_is_the_largest(true, found):
    def fits(a, b):  # last frame of the old shot to first frame of the new one, both included
        return bool(set(range(a[0] - 1, a[1] + 1)) & set(range(b[0] - 1, b[1] + 1)))

    assert match_ranges(true, found) == best_matching(true, found, fits)


@given(cut_lists, range_lists)
def test_the_truth_is_perfect(cuts, graduals):
    truth = Transitions(tuple(cuts), tuple(graduals))
    result = score(truth, truth, 1.0)
    assert [counts.f1 for counts in result.cuts] == [1, 1, 1]
    assert result.graduals.f1 == result.either.f1 == 1
    assert result.covered == result.gradual_frames


@given(cut_lists, range_lists, cut_lists, range_lists)
def test_every_found_transition_is_in_one_account(cuts, graduals, found_cuts, found_graduals):
    found = Transitions(tuple(found_cuts), tuple(found_graduals))
    result = score(Transitions(tuple(cuts), tuple(graduals)), found, 1.0)
    assert result.cuts[-1].found + result.either.found == len(found_cuts) + len(found_graduals)
    matched = [counts.matched for counts in result.cuts]
    assert matched == sorted(matched)
    assert result.graduals.matched <= result.either.matched


def test_cuts_beside_the_truth_count_from_their_tolerance_on():
    result = score(Transitions((10, 20, 30)), Transitions((10, 21, 32, 50)), 1.0)
    assert [counts.matched for counts in result.cuts] == [1, 2, 3]
    assert result.cuts[0].precision == 1 / 4
    assert result.cuts[2].recall == 1
    assert result.cuts[2].f1 == pytest.approx(6 / 7)


def test_the_first_cut_in_a_dissolve_finds_it_and_the_second_is_false():
    truth = Transitions((), ((10, 20),))
    one = score(truth, Transitions((15,)), 1.0)
    assert one.cuts[0] == Counts(0, 0, 0)
    assert one.graduals == Counts(0, 1, 0)
    assert one.either == Counts(1, 1, 1)
    two = score(truth, Transitions((12, 20)), 1.0)
    assert two.either == Counts(1, 1, 2)
    outside = score(truth, Transitions((9, 21)), 1.0)
    assert outside.cuts[0] == Counts(0, 0, 2)


def test_a_range_is_no_cut():
    result = score(Transitions((10,)), Transitions((), ((9, 11),)), 1.0)
    assert result.cuts[2] == Counts(0, 1, 0)
    assert result.graduals == Counts(0, 0, 1)


def test_one_range_over_two_dissolves_finds_one():
    result = score(Transitions((), ((10, 20), (30, 40))), Transitions((), ((12, 36),)), 1.0)
    assert result.graduals == Counts(1, 2, 1)
    assert (result.covered, result.gradual_frames) == (14, 20)


def test_scores_add_up():
    one = score(Transitions((10,)), Transitions((10, 12)), 0.5)
    other = score(Transitions((), ((5, 9),)), Transitions((), ((5, 8),)), 1.5)
    both = total([one, other])
    assert both.cuts[0] == Counts(1, 1, 2)
    assert both.graduals == Counts(1, 1, 1)
    assert both.found_per_minute == pytest.approx(3 / 2)


def test_wrong_transitions_are_refused():
    with pytest.raises(ValueError, match="rise"):
        Transitions((3, 3))
    with pytest.raises(ValueError, match="overlap"):
        Transitions((), ((1, 5), (4, 6)))
    with pytest.raises(ValueError, match="hold frames"):
        Transitions((), ((4, 4),))


@given(cut_lists, range_lists, range_lists)
def test_a_gradual_range_beside_the_truth_is_a_false_cut_in_the_strict_account(
    cuts, graduals, found_graduals
):
    result = score(
        Transitions(tuple(cuts), tuple(graduals)), Transitions((), tuple(found_graduals)), 1.0
    )
    frames = {frame for start, end in graduals for frame in range(start, end)}
    beside = [one for one in found_graduals if not frames & set(range(*one))]
    assert result.strict_cuts.found == len(beside)
