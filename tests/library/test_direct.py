"""Files without a library: each is read as ingest reads it, and what gives no video is told."""

from pathlib import Path

import pytest

from eruv.library.catalogue import Library
from eruv.library.direct import DirectVideos
from eruv.media.proxy import ProxySettings
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary


def test_shots_and_proxy_are_those_of_ingest(small_library: SmallLibrary) -> None:
    library = Library(small_library.folder)
    ids = {paths[0]: video_id for video_id, paths in library.paths().items()}
    film = small_library.truth[0]
    (video,) = (
        (video, video.proxy.read_bytes()) for video in DirectVideos(film.path, ProxySettings())
    )
    assert video[0].spans(by_shot=True) == film.shots
    assert video[0].spans(by_shot=False) == [(0, film.num_frames)]
    assert video[1] == library.proxy_path(ids[film.path]).read_bytes()
    assert not video[0].proxy.exists()


def test_what_gives_no_video_is_told_and_stops_nothing(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    videos = DirectVideos(
        [tmp_path / "text.mp4", tmp_path / "missing.mp4", small_library.truth[1].path],
        ProxySettings(),
    )
    assert len(list(videos)) == 1
    assert {Path(file.path).name for file in videos.unreadable} == {"text.mp4", "missing.mp4"}


def test_no_video_at_all_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(EruvError, match=r"text\.mp4"):
        list(DirectVideos(tmp_path / "text.mp4", ProxySettings()))
