"""Figures as a person reads them."""

import pytest

from eruv.utils.numbers import compact, count, duration, hours, percent, plural


def test_shares_are_per_cent_and_what_is_missing_is_a_dash() -> None:
    assert percent(0.4567) == "45.7 %"
    assert percent(1, digits=0) == "100 %"
    assert percent(None) == count(None) == "–"


def test_thousands_stand_apart() -> None:
    assert count(1_234_567.2) == "1,234,567"
    assert plural(1, "video") == "1 video"
    assert plural(1200, "video") == "1,200 videos"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.02, "0.02"), (250, "250"), (20_000, "20k"), (-1500, "-1.5k"), (1_500_000, "1.5M")],
)
def test_numbers_on_an_axis_are_short(number: float, text: str) -> None:
    assert compact(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(22.71, "22.7 s"), (245, "4:05 min"), (3599.6, "1:00:00"), (3723, "1:02:03")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5.0 s"), (90, "1.5 min"), (5_400_000, "1,500.0 h")]
)
def test_totals_are_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert hours(seconds) == text
