"""Addresses are paths: parts, parents and order as usual, and the text stays an address.

Covers also: errors.
"""

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.utils.errors import EruvError
from eruv.utils.storage.errors import NoObject, ObjectRefused, StorageError
from eruv.utils.storage.remote_path import RemotePath, absolute, is_address, is_remote, place

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
PARTS = st.lists(NAMES.filter(lambda name: name != "."), min_size=1, max_size=5)


@given(parts=PARTS, scheme=st.sampled_from(["s3", "gs"]))
def test_an_address_survives_all_that_happens_to_a_path(parts: list[str], scheme: str) -> None:
    address = f"{scheme}://{'/'.join(parts)}"
    path = place(address)
    assert is_remote(path)
    assert is_address(address)
    assert str(path) == os.fspath(path) == os.fsdecode(os.fsencode(path)) == address
    assert (path.scheme, path.bucket, path.key) == (scheme, parts[0], "/".join(parts[1:]))
    assert path.name == parts[-1]
    # Halved slashes are what `Path` leaves of an address.
    assert place(Path(address)) == path == absolute(address) == path.resolve() == path.absolute()
    assert str(place(Path(address))) == str(place(path)) == str(absolute(path)) == address
    copy = pickle.loads(pickle.dumps(path))
    assert (type(copy), str(copy), hash(copy)) == (RemotePath, address, hash(path))
    inner = path / "x" / "y.mp4"
    assert str(inner) == f"{address}/x/y.mp4"
    assert inner.parent.parent == path
    assert is_remote(inner.parent)
    assert inner.suffix == ".mp4"
    assert inner.is_relative_to(path)
    assert inner.relative_to(path).parts == ("x", "y.mp4")


@pytest.mark.parametrize(
    "name", ["film.mp4", "/s3://b/film.mp4", "s3", "s3:film", "http://h/f", "file:///f", "10:30"]
)
def test_all_else_is_local(name: str, tmp_path: Path) -> None:
    assert not is_remote(place(name))
    assert place(name) == Path(name)
    assert absolute(name) == Path(os.path.abspath(name))


def test_a_local_folder_called_like_a_scheme_has_an_absolute_path(tmp_path: Path) -> None:
    (tmp_path / "s3:" / "b").mkdir(parents=True)
    assert absolute(tmp_path / "s3:" / "b").is_dir()


@pytest.mark.parametrize("address", ["s3://b//film.mp4", "s3://b/a/./film.mp4"])
def test_names_that_a_path_would_change_are_refused(address: str) -> None:
    with pytest.raises(EruvError, match="an empty part or a dot"):
        place(address)


def test_a_slash_at_the_end_means_the_folder(tmp_path: Path) -> None:
    assert place("s3://bucket/films/") == place("s3://bucket/films")


def test_what_object_storage_cannot_do_is_refused() -> None:
    path = place("s3://bucket/film.mp4")
    acts = (
        lambda: path.rename("x"),
        lambda: path.replace(Path("x")),
        lambda: path.touch(),
        lambda: path.write_text("x"),
        lambda: path.write_bytes(b"x"),
        lambda: path.symlink_to("x"),
        lambda: path.open("wb"),
    )
    for act in acts:
        with pytest.raises(EruvError, match=r"s3://bucket/film\.mp4 is on object storage"):
            act()


def test_errors_are_sentences_and_what_the_system_would_raise() -> None:
    for kind, system in ((NoObject, FileNotFoundError), (ObjectRefused, PermissionError)):
        error = kind("there is none.", "s3://b/k")
        assert isinstance(error, system)
        assert isinstance(error, EruvError | StorageError)
        assert (str(error), error.address) == ("there is none.", "s3://b/k")
