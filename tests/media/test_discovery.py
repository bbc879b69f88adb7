"""The files that a user means are found, and nothing else.

Covers also: passed_over.
"""

import os
from pathlib import Path

import pytest

from eruv.media.discovery import find_videos
from eruv.media.passed_over import counted_by_suffix, passed_over
from eruv.utils.errors import EruvError


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_folders_are_searched_to_the_bottom(tmp_path: Path) -> None:
    videos = [tmp_path / name for name in ("b.MP4", "a/c.avi", "a/b/c/d.webm", "x.mp4/in.mkv")]
    touch(*videos, tmp_path / "notes.txt", tmp_path / "a/cover.jpg", tmp_path / "mp4")
    assert find_videos([tmp_path]) == sorted(videos)


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4", tmp_path / "._a.mp4", tmp_path / ".trash/b.mp4", tmp_path / ".mp4")
    assert find_videos([tmp_path]) == [tmp_path / "a.mp4"]


def test_a_file_named_itself_is_always_tried(tmp_path: Path) -> None:
    touch(tmp_path / "film", tmp_path / ".hidden.mp4")
    named = [tmp_path / "film", tmp_path / ".hidden.mp4"]
    assert find_videos(named) == sorted(named)


def test_each_path_comes_once_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "-a.mp4")
    monkeypatch.chdir(tmp_path)
    found = find_videos(["-a.mp4", "./-a.mp4", tmp_path, ".", tmp_path / "x" / ".." / "-a.mp4"])
    assert found == [tmp_path / "-a.mp4"]


def test_circles_of_links_end_and_links_to_files_count(tmp_path: Path) -> None:
    touch(tmp_path / "a/film.mp4")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a/film.mp4")
    (tmp_path / "self.mp4").symlink_to("self.mp4")
    (tmp_path / "gone.mp4").symlink_to("nowhere.mp4")
    assert find_videos([tmp_path]) == [tmp_path / "a/film.mp4", tmp_path / "link.mp4"]


def test_libraries_are_no_sources(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4", tmp_path / "lib/library.json", tmp_path / "lib/proxies/ab/ab.mp4")
    (tmp_path / "lib/catalogue").mkdir()
    assert find_videos([tmp_path]) == [tmp_path / "a.mp4"]


def test_what_is_neither_file_nor_folder_is_refused_and_passed_over_in_folders(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(EruvError, match="neither a file nor a folder"):
        find_videos([tmp_path / "pipe.mp4"])
    touch(tmp_path / "a.mp4")
    assert find_videos([tmp_path]) == [tmp_path / "a.mp4"]


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match=r"gone does not exist\. Pass"):
        find_videos([tmp_path / "gone"])


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="no video found in"):
        find_videos([tmp_path])
    with pytest.raises(EruvError, match="no video found"):
        find_videos([])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_closed_folder_is_said_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    touch(tmp_path / "a.mp4", tmp_path / "closed/b.mp4")
    (tmp_path / "closed").chmod(0)
    try:
        assert find_videos([tmp_path]) == [tmp_path / "a.mp4"]
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert "cannot read the folder" in capsys.readouterr().err


def test_one_path_is_no_list_of_letters(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.touch()
    assert find_videos(str(path)) == find_videos(path) == [path]


def test_what_is_passed_over_is_counted_by_suffix(tmp_path: Path) -> None:
    names = ("a.mp4", "b.MOD", "c.txt", "d.TXT", "e", ".f.txt", "deep/g.jpg", "h.shots.csv")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    counts = passed_over([tmp_path], [".shots.csv"])
    assert counts == {".txt": 2, ".jpg": 1, "no suffix": 1}
    words = "4 other files skipped: 2 .txt, 1 .jpg, 1 no suffix"
    assert counted_by_suffix(counts) == words
    assert passed_over([tmp_path / "c.txt"]) == {}
