"""QP files: x264 puts key frames where they say."""

import shutil
import subprocess
from pathlib import Path

import av
import pytest

from eruv.detection.detect import detect_shots
from eruv.detection.export.qp_file import qp_text
from films_for_tests import render_video
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list

SHOTS = ((1, 30), (2, 25), (3, 35))


def test_each_shot_begins_with_an_intra_frame() -> None:
    assert qp_text(shot_list(CUT_DISSOLVE_GAP, 100)) == "0 I -1\n30 I -1\n62 I -1\n80 I -1\n"


@pytest.mark.skipif(not shutil.which("x264"), reason="the program x264 is not installed")
def test_x264_puts_key_frames_there(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mkv", SHOTS)
    (tmp_path / "film.qp").write_text(qp_text(detect_shots(film, "hog-fixed")))
    with av.open(str(film)) as container, (tmp_path / "film.yuv").open("wb") as raw:
        for frame in container.decode(video=0):
            raw.write(frame.to_ndarray().tobytes())
    command = "x264 --qpfile film.qp --no-scenecut --keyint infinite --input-res 96x72 --fps 25"
    words = [*command.split(), "-o", "again.mkv", "film.yuv"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    with av.open(str(tmp_path / "again.mkv")) as container:
        frames = enumerate(container.decode(video=0))
        assert [number for number, frame in frames if frame.key_frame] == [0, 30, 55]
