"""Pictures of moments: the very frame that is shown at a second, from the film or its proxy.

Covers also: frame_at.
"""

import io
import os
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.page_folder import page_folder
from eruv.library.remove import remove
from eruv.library.video_pass import video_id_of
from eruv.web.allowed import Allowed
from eruv.web.bounded import Refused
from eruv.web.stills import NoStill, Stills
from films_for_tests import NumberedVideo, encode, frame_number_of


def decoded(picture: bytes) -> np.ndarray:
    with av.open(io.BytesIO(picture)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


@pytest.fixture(scope="module")
def home(numbered_video: NumberedVideo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the numbered film as MP4, late MPEG-TS, AVI with XviD, and turned."""
    home = Path(os.path.realpath(tmp_path_factory.mktemp("stills")))
    films = home / "films"
    films.mkdir()
    shutil.copy(numbered_video.path, films / "plain.mp4")
    recoded(numbered_video.path, films / "late.ts", "mpeg2video", {"bf": "2", "b": "4M"}, 50)
    recoded(numbered_video.path, films / "xvid.avi", "mpeg4", {"bf": "2", "b": "8M", "g": "50"}, 0)
    ingest([films], home / "library", workers=1)
    return home


def recoded(path: Path, to: Path, codec: str, options: dict[str, str], first: int) -> None:
    with av.open(str(path)) as reading:
        frames = [frame.reformat(format="yuv420p") for frame in reading.decode(video=0)]
    numbers = [first + number for number in range(len(frames))]
    encode(to, frames, codec=codec, options=options, pts=numbers)


@pytest.fixture
def stills(home: Path, tmp_path: Path):
    library = Library(home / "library")
    made = Stills(library, Allowed(library), tmp_path / "cache")
    yield made
    made.close()


def start_of(stills: Stills, video_id: str) -> float:
    rows = {row["video_id"]: row for row in stills.library.videos()}
    return rows[video_id]["start_s"]


@pytest.mark.parametrize("name", ["plain.mp4", "late.ts", "xvid.avi"])
@pytest.mark.parametrize("height", [96, 240])
def test_the_frame_is_that_of_the_second(
    stills: Stills, home: Path, name: str, height: int
) -> None:
    video_id = video_id_of(home / "films" / name)
    start_s = start_of(stills, video_id)
    for frame in (0, 1, 49, 50, 51, 319, 320, 321, 477, 619):
        for after_s in (0.0, 0.0399):
            time_s = start_s + frame / 25 + after_s
            picture = decoded(stills.still(video_id, round(time_s, 3) - 0.0004, height))
            if (
                after_s == 0.0399
                and round(time_s, 3) - 0.0004 + 0.0006 >= start_s + (frame + 1) / 25
            ):
                continue
            assert frame_number_of(picture[8:-8, 8:-8]) == frame, (frame, after_s)


def test_before_and_after_the_film_are_its_first_and_last_frame(stills: Stills, home: Path) -> None:
    video_id = video_id_of(home / "films" / "late.ts")
    for height in (96, 240):
        for seconds, frame in ((-5.0, 0), (0.0, 0), (1000.0, 619), (1e300, 619)):
            picture = decoded(stills.still(video_id, seconds, height))
            assert frame_number_of(picture[8:-8, 8:-8]) == frame


def test_heights_are_few_and_no_more_than_the_film_has(stills: Stills, home: Path) -> None:
    video_id = video_id_of(home / "films" / "plain.mp4")
    shapes = {height: decoded(stills.still(video_id, 1, height)).shape for height in (1, 97, 5000)}
    assert shapes == {1: (64, 86, 3), 97: (128, 172, 3), 5000: (256, 342, 3)}


def test_the_same_moment_is_read_once(stills: Stills, home: Path, monkeypatch) -> None:
    video_id = video_id_of(home / "films" / "plain.mp4")
    first = stills.still(video_id, 1, 240)
    monkeypatch.setattr(stills, "_made", None)
    assert stills.still(video_id, 1, 200) == first
    assert len(os.listdir(stills.cache.folder)) == 1


def test_without_the_film_its_proxy_is_shown(home: Path, tmp_path: Path, stills: Stills) -> None:
    film = home / "films" / "plain.mp4"
    video_id = video_id_of(film)
    film.rename(tmp_path / "away")
    try:
        picture = decoded(stills.still(video_id, 4.0, 240))
        assert frame_number_of(picture[8:-8, 8:-8]) == 100
        assert picture.shape[0] == 240
    finally:
        (tmp_path / "away").rename(film)


def test_a_film_that_cannot_be_decoded_is_tried_once(
    home: Path, stills: Stills, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refused(*_: object, **request: object) -> None:
        asked.append(request)
        raise Refused("broken")

    monkeypatch.setattr(stills.child, "ask", refused)
    video_id = video_id_of(home / "films" / "plain.mp4")
    for seconds in (1.0, 2.0, 3.0):
        picture = decoded(stills.still(video_id, seconds, 240))
        assert frame_number_of(picture[8:-8, 8:-8]) == 25 * seconds
    assert len(asked) == 1


def test_without_its_proxy_the_film_is_shown(home: Path, stills: Stills, tmp_path: Path) -> None:
    video_id = video_id_of(home / "films" / "plain.mp4")
    proxy = stills.library.proxy_path(video_id)
    proxy.rename(tmp_path / "proxy")
    film = home / "films" / "plain.mp4"
    try:
        assert frame_number_of(decoded(stills.still(video_id, 4.0, 96))[8:-8, 8:-8]) == 100
        film.rename(tmp_path / "away")
        with pytest.raises(NoStill, match="missing"):
            stills.still(video_id, 5.0, 96)
    finally:
        (tmp_path / "proxy").rename(proxy)
        (tmp_path / "away").rename(film)


@pytest.mark.parametrize("video_id", ["", "0" * 64, "../x", "\0", "' OR 1=1", "é" * 64])
def test_an_unknown_video_has_no_picture(stills: Stills, video_id: str) -> None:
    with pytest.raises(NoStill, match="no such video"):
        stills.still(video_id, 0, 96)


def test_a_moment_without_a_time_has_no_picture(stills: Stills, home: Path) -> None:
    video_id = video_id_of(home / "films" / "plain.mp4")
    for seconds in (float("nan"), float("inf")):
        with pytest.raises(NoStill):
            stills.still(video_id, seconds, 96)


def test_a_removed_video_has_no_pictures_any_more(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "library", tmp_path / "library")
    library = Library(tmp_path / "library")
    stills = Stills(library, Allowed(library), page_folder(library.folder) / "stills")
    video_id = video_id_of(home / "films" / "plain.mp4")
    stills.still(video_id, 1, 96)
    (kept,) = stills.cache.folder.iterdir()
    content = kept.read_bytes()
    remove(library.folder, video_id)
    assert not kept.exists()
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)  # by a request that was under way
    stills.allowed._checked -= 10
    with pytest.raises(NoStill, match="no such video"):
        stills.still(video_id, 1, 96)
    others = [one for one in library.video_ids() if one != video_id]
    shutil.rmtree(kept.parent)
    assert stills.still(others[0], 1, 96)  # and is kept again
    assert kept.parent.is_dir()
    stills.close()
