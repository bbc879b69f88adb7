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
from eruv.library.video_pass import video_id_of
from eruv.web.allowed import Allowed
from eruv.web.stills import Stills
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
