"""A film on object storage is decoded as from a disk: the same frames, times, rates and damage."""

from pathlib import Path
from typing import Any

import pytest

from eruv.detection.detect import detect_shots
from eruv.media.damage import UnreadableVideo
from eruv.media.video import VideoSource
from eruv.utils.errors import EruvError
from eruv.utils.storage import bucket, ranges
from eruv.utils.storage.remote_path import RemotePath
from films_for_tests import render_video
from storage_for_tests import Faults, Storage

KINDS = {
    "a.mp4": "libx264",
    "a.mkv": "libx264",
    "a.avi": "mpeg4",
    "a.ts": "libx264",
    "a.flv": "flv",
    "a.mpg": "mpeg1video",
    "a.webm": "libvpx",
    "a.h264": "libx264",
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "BLOCK_BYTES", 10_000)
    monkeypatch.setattr(bucket, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(bucket, "LONGEST_WAIT_S", 0.05)


def seen(path: Path) -> dict[str, Any]:
    """All that a catalogue may say of a film."""
    with VideoSource(path) as source:
        frames = [
            (frame.time_s, frame.after_gap, frame.shown_s, bytes(frame.picture.planes[0]))
            for frame in source.frames()
        ]
        ends = source.stated_end_s, source.own_end_s, source.stated_duration_s
        return {"rate": source.rate, "ends": ends, "frames": frames, "damage": source.damage}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("damaged", [False, True])
def test_every_container_gives_the_same(
    storage: Storage, tmp_path: Path, name: str, damaged: bool
) -> None:
    options = None if KINDS[name] == "libx264" else {"g": "12"}
    path = render_video(tmp_path / name, [(1, 30), (2, 30)], codec=KINDS[name], options=options)
    if damaged:
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 200] = bytes(200)
        path.write_bytes(content)
    home = RemotePath(storage.bucket("containers", {name: path}))
    storage.faults = Faults(0.1, kinds=("429", "500", "refused", "cut", "slow"))
    assert seen(home / name) == seen(path)


def test_a_film_is_read_in_ranges(storage: Storage, tmp_path: Path) -> None:
    path = render_video(tmp_path / "a.mp4", [(1, 200), (2, 200)], size=(320, 240))
    home = RemotePath(storage.bucket("parts", {"a.mp4": path}))
    storage.faults = Faults()
    with VideoSource(home / "a.mp4") as source:
        assert source.stream.width == 320
    assert storage.faults.sent_bytes < path.stat().st_size / 2


def test_a_command_of_shots_takes_an_address(storage: Storage, tmp_path: Path) -> None:
    path = render_video(tmp_path / "a.mp4")
    home = storage.bucket("shots", {"a.mp4": path})
    remote, local = detect_shots(f"{home}/a.mp4"), detect_shots(path)
    assert (remote.shots, remote.end_s, remote.damage) == (local.shots, local.end_s, local.damage)
    assert str(remote.path) == f"{home}/a.mp4"
    with pytest.raises(EruvError, match=r"s3://shots.*/b\.mp4 does not exist"):
        detect_shots(f"{home}/b.mp4")


def test_a_film_names_no_other_file(storage: Storage, tmp_path: Path) -> None:
    render_video(tmp_path / "secret.mp4")
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile {tmp_path / 'secret.mp4'}\n")
    home = RemotePath(storage.bucket("lists", {"list.mp4": tmp_path / "list.mp4"}))
    with pytest.raises(UnreadableVideo, match="a playlist, which is not followed"):
        VideoSource(home / "list.mp4")
