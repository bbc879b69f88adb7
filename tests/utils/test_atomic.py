"""A file is there whole or not at all, and an earlier one survives a failure."""

from pathlib import Path

import pytest

from eruv.utils.atomic import WholeFiles, read_record, replace_text, whole_file


def test_a_file_has_its_name_only_when_the_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with whole_file(path) as partial:
        partial.write_bytes(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), whole_file(path) as partial:
        partial.write_bytes(b"half" + partial.name)  # type: ignore[operator]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fails", [False, True])
def test_several_files_appear_together_or_not_at_all(tmp_path: Path, fails: bool) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    try:
        with WholeFiles() as files:
            for path in paths:
                files.partial(path).write_text(path.name)
                assert files.partial(path).read_text() == path.name
                assert not path.exists()
            if fails:
                raise KeyError
    except KeyError:
        pass
    assert sorted(tmp_path.iterdir()) == ([] if fails else paths)


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    replace_text(tmp_path / "a", "ü\r\n\n")
    assert (tmp_path / "a").read_bytes() == "ü\r\n\n".encode()


def test_a_damaged_record_is_said_and_taken_as_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_record(tmp_path / "none.json") is None
    (tmp_path / "a.json").write_text('{"a": 1}')
    assert read_record(tmp_path / "a.json") == {"a": 1}
    assert capsys.readouterr().err == ""
    (tmp_path / "a.json").write_text('{"a": ')
    assert read_record(tmp_path / "a.json") is None
    assert "is damaged and treated as missing" in capsys.readouterr().err


def test_a_name_of_any_length_that_the_system_takes(tmp_path: Path) -> None:
    paths = [tmp_path / ("ä" * 125 + f"-{number}.mp4"[:5]) for number in range(3)]
    assert {len(path.name.encode()) for path in paths} == {255}
    with WholeFiles() as files:
        for path in paths:
            files.partial(path).write_text(path.name)
    assert [path.read_text() for path in paths] == [path.name for path in paths]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
