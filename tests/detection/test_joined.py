"""Several files as one film, and a part of a film: real files with known cuts.

Covers also: search, detection/export/layout.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

import eruv
from eruv.detection.detect import ShotList, detect_shots
from eruv.detection.detectors import DetectorChoice
from eruv.detection.export.contact_sheet import thumbnails
from eruv.detection.export.edl_file import edl_text
from eruv.detection.export.fcpxml_file import fcpxml_text
from eruv.detection.export.layout import file_ranges, layout
from eruv.detection.export.otio_file import otio_text
from eruv.detection.export.pictures import pictures_of
from eruv.detection.joined import JoinedVideos
from eruv.detection.part import FilmPart
from eruv.detection.search import ShotSearch
from eruv.media.damage import UnreadableVideo
from eruv.media.discovery import UnreadableFile
from films_for_tests import Shot, render_video

SIMPLE = DetectorChoice("hog-fixed")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files in which one shot goes on: it shows the last picture of the first one."""
    return [
        render_video(tmp_path / "b.mp4", [(1, 40), (2, 30)], pts=range(50, 120)),
        render_video(tmp_path / "a.mkv", [(2, 1), (2, 29), (3, 40)], rate=25),
    ]


def ranges(shots: ShotList) -> list[tuple[int, int]]:
    return [(shot.start, shot.end) for shot in shots.shots]


def test_frames_and_seconds_are_counted_over_all_files(files: list[Path]) -> None:
    shots = ShotSearch(SIMPLE).shots_of(files)
    assert [(one.path, one.first) for one in shots.joined] == [(files[0], 0), (files[1], 70)]
    assert shots.num_frames == 140
    # The clock is the first file's, which starts at 2 s.
    assert np.allclose(shots.times_s, 2 + np.arange(140) / 25, atol=0.0011)
    assert ranges(shots)[0] == (0, 40)
    assert ranges(shots)[-1] == (100, 140)


def test_a_file_that_is_no_video_leaves_a_gap(files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    told: list[UnreadableFile] = []
    shots = ShotSearch(SIMPLE).shots_of([files[0], broken, files[1]], on_unreadable=told.append)
    assert [Path(one.path) for one in told] == [broken]
    assert [(one.start, one.kind) for one in shots.transitions if one.kind == "gap"] == [
        (70, "gap")
    ]
    assert shots.num_frames == 140
    with pytest.raises(UnreadableVideo):
        JoinedVideos([broken, broken])


def test_pictures_come_from_the_right_file(files: list[Path]) -> None:
    found = dict(pictures_of(files, [10, 69, 70, 139], None))
    alone = dict(pictures_of(files[:1], [10, 69], None)) | {
        70 + frame: picture for frame, picture in pictures_of(files[1:], [0, 69], None)
    }
    assert found.keys() == alone.keys()
    assert all((found[frame] == alone[frame]).all() for frame in found)
    assert list(thumbnails(files, [0, 100], 32)) == [0, 100]


def test_timelines_refer_to_each_file_by_its_own_frames(files: list[Path]) -> None:
    shots = ShotSearch(SIMPLE).shots_of(files)
    assert file_ranges(shots) == [(files[0], 0, 70), (files[1], 70, 140)]
    items = layout(shots)
    assert [items[0].start, *(item.end for item in items)][-1] == 140
    assert all(one.end == other.start for one, other in pairwise(items))
    assert all(item.file == files[item.start >= 70] for item in items)
    timeline = otio.adapters.read_from_string(otio_text(shots), "otio_json")
    last = timeline.find_clips()[-1]
    assert last.media_reference.target_url == files[1].as_uri()
    assert last.source_range.start_time.value == 30
    assert last.media_reference.available_range.duration.value == 70
    assert timeline.duration().value == 140
    assert files[1].as_uri() in fcpxml_text(shots)
    *_, event, name, _ = edl_text(shots).split("\r\n")
    assert event.endswith("00:00:01:05 00:00:02:20 00:00:04:00 00:00:05:15")
    assert name == "* FROM CLIP NAME: a.mkv"


@pytest.mark.parametrize(
    ("start", "end", "wanted", "first"),
    [
        (None, None, [(0, 30), (30, 55), (55, 90)], 0),
        (1.0, 3, [(25, 30), (30, 55), (55, 75)], 25),
        ("00:00:01:05", None, [(30, 55), (55, 90)], 30),
        (None, "0:01.200", [(0, 30)], 0),
    ],
)
def test_a_part_has_the_frame_numbers_of_the_film(
    tmp_path: Path, start: object, end: object, wanted: list, first: int
) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 30), (2, 25), (3, 35)])
    shots = ShotSearch(SIMPLE, FilmPart(start, end)).shots_of([path])
    assert (ranges(shots), shots.first) == (wanted, first)
    whole = detect_shots(path, "hog-fixed")
    assert np.allclose(shots.times_s, whole.times_s[: shots.num_frames])
    assert len(shots.scores) == shots.num_frames
    assert [shot.start_s for shot in shots.shots] == [whole.times_s[a] for a, _ in wanted]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (FilmPart(9), "no frame starts in the part .*read up to 1.600 s"),
        (FilmPart("00:00:09:00"), "no frame starts in the part"),
    ],
)
def test_a_part_outside_of_the_film_is_told(tmp_path: Path, part: FilmPart, told: str) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 40)])
    with pytest.raises(UnreadableVideo, match=told):
        ShotSearch(SIMPLE, part).shots_of([path])


def test_short_shots_of_a_film(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 30), (2, 8), (3, 30)])
    assert len(ShotSearch(SIMPLE).shots_of([path]).shots) == 3
    assert len(ShotSearch(SIMPLE, min_length=0.5).shots_of([path]).shots) == 2
    dropped = ShotSearch(SIMPLE, min_length=0.5, drop_short=True).shots_of([path])
    assert ranges(dropped) == [(0, 30), (38, 68)]
    assert [item.title for item in layout(dropped)] == ["shot 1", "no shot", "shot 2"]
    with pytest.raises(ValueError, match="min_length must be at least 0"):
        ShotSearch(SIMPLE, min_length=-1)


def make(folder: Path, films: dict[str, Sequence[Shot]]) -> None:
    folder.mkdir()
    for name, shots in films.items():
        render_video(folder / name, shots)


def test_all_files_of_a_joined_film_and_its_shots_as_files(tmp_path: Path) -> None:
    make(tmp_path / "in", {"b.mp4": [(1, 20), (2, 12)], "a.mp4": [(2, 12), (3, 20)]})
    out = tmp_path / "out"
    named = [tmp_path / "in" / "b.mp4", tmp_path / "in"]
    result = eruv.shots(named, detector="hog-fixed", joined=True, csv=True, to=out, split=out)
    (video,) = result.videos
    assert [Path(one["path"]).name for one in video["joined"]] == ["b.mp4", "a.mp4"]
    assert result.not_written == []
    assert video["frames"] == 64
    assert {path.name for path in out.iterdir()} >= {"b-joined.shots.csv", "b-joined-001.mp4"}
    for shot, file in zip(video["shots"], video["files"]["shots"], strict=True):
        assert detect_shots(file["path"], "hog-fixed").num_frames == shot["end"] - shot["start"]
