"""One path or several, and paths as a line of text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.utils.paths import paths_of, printable, shortened
from eruv.utils.storage.remote_path import RemotePath


@pytest.mark.parametrize(
    "named", ["film.mp4", Path("film.mp4"), ["film.mp4"], (Path("film.mp4"),), iter(["film.mp4"])]
)
def test_one_path_is_never_taken_for_its_letters(named: object) -> None:
    assert paths_of(named) == [Path("film.mp4")]


def test_an_odd_name_is_one_line() -> None:
    assert printable(Path("a\nb\x1b")) == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(20, 255))
def test_long_names_are_cut_to_so_many_bytes(name: str, most: int) -> None:
    found = shortened(name, most)
    assert len(found.encode()) <= most
    if len(name.encode()) <= most:
        assert found == name
    else:
        assert most - len(found.encode()) < 4  # no more than a letter is lost
        assert found != shortened(name + "x", most)


def test_addresses_keep_both_slashes() -> None:
    address = "s3://films/a b.mp4"
    assert printable(address) == printable(RemotePath(address)) == address
