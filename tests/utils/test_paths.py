"""One path or several, and paths as a line of text."""

from pathlib import Path

import pytest

from eruv.utils.paths import paths_of, printable


@pytest.mark.parametrize(
    "named", ["film.mp4", Path("film.mp4"), ["film.mp4"], (Path("film.mp4"),), iter(["film.mp4"])]
)
def test_one_path_is_never_taken_for_its_letters(named: object) -> None:
    assert paths_of(named) == [Path("film.mp4")]


def test_an_odd_name_is_one_line() -> None:
    assert printable(Path("a\nb\x1b")) == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
