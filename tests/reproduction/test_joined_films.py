"""Joined films: every clip is a shot, frame by frame, and nothing is joined twice."""

import numpy as np

from eruv.detection.segments import SegmentSettings
from eruv.library.video_pass import EditingSettings
from eruv.media.proxy import ProxyReader
from eruv.pretext.segment_arrays import SegmentTable
from eruv.reproduction.joined_films import account, join_films

SETTINGS = EditingSettings(segments=SegmentSettings(minimum=16))


def test_clips_become_the_shots_of_films_in_their_order(tmp_path, render_video):
    lengths = [20, 70, 33, 16, 15, 40, 25, 18, 50]
    clips = []
    for number, length in enumerate(lengths):
        size = (96, 72) if number % 2 else (64, 48)
        clips.append(render_video(tmp_path / f"{number}.mp4", [(number, length)], size=size))
    library = join_films(clips, tmp_path / "library", SETTINGS)
    names = {paths[0].name: video_id for video_id, paths in library.paths().items()}
    rows = {row["video_id"]: row for row in library.videos()}
    first, second = rows[names["joined-001"]], rows[names["joined-002"]]
    ends = np.cumsum(lengths[:8]).tolist()
    assert first["shots"] == [list(pair) for pair in zip([0, *ends[:-1]], ends, strict=True)]
    assert second["shots"] == [[0, 50]]
    table = SegmentTable.of_library(library)
    assert sorted(table.segments.lengths.tolist()) == sorted(n for n in lengths if n >= 16)
    # Frames lie where their clip does: those beside a boundary differ, those within do not.
    reader = ProxyReader(library.proxy_path(names["joined-001"]), SETTINGS.proxy)
    before, after, next_one = reader.read([19, 20, 21]).astype(float)
    assert np.abs(before - after).mean() > 3 * np.abs(after - next_one).mean()
    said = account(library, {"eruv": 16, "vcop": 64})
    assert "2 films" in said
    assert "8 allow eruv (16 frames), 1 allow vcop (64 frames)" in said


def test_films_that_are_there_are_not_joined_again(tmp_path, render_video):
    clips = [render_video(tmp_path / f"{n}.mp4", [(n, 20)]) for n in range(3)]
    one = join_films(clips, tmp_path / "library", SETTINGS)
    (video_id,) = one.video_ids()
    made = one.proxy_path(video_id).stat().st_mtime_ns
    two = join_films(clips, tmp_path / "library", SETTINGS)
    assert two.video_ids() == [video_id]
    assert two.proxy_path(video_id).stat().st_mtime_ns == made


def test_a_clip_that_cannot_be_read_is_left_out(tmp_path, render_video, capsys):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    clip = render_video(tmp_path / "clip.mp4", [(1, 20)])
    library = join_films([broken, clip], tmp_path / "library", SETTINGS)
    (row,) = library.videos()
    assert row["shots"] == [[0, 20]]
    assert "broken.mp4" in capsys.readouterr().err
