"""Labelled files through a real ingest: frames, labels and splits, and what is left out.

Covers also: labelled_files, labelled_videos, problems.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eruv.clips.spec import ClipSize, ClipSpec
from eruv.datasets.class_folders import class_folders
from eruv.datasets.labelled_files import LabelledFile, LabelledFiles, Split
from eruv.datasets.labelled_library import label_library, labelled_videos
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.features import clips_of
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.utils.errors import EruvError
from films_for_tests import frame_number_of, numbered_video, render_video

FRAMES = {"run1": 60, "run2": 20, "walk1": 9, "walk2": 33}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four films of two classes, one of them shorter than a clip; none has a segment but one."""
    folder = tmp_path_factory.mktemp("films")
    for number, (name, frames) in enumerate(FRAMES.items()):
        render_video(folder / f"{name}.mp4", [(number, frames)])
    (folder / "broken.mp4").write_bytes(b"no video at all")
    return folder


def labelled(*rows: tuple[Path, str, Split]) -> LabelledFiles:
    classes = tuple(sorted({label for _, label, _ in rows}))
    return LabelledFiles("films", classes, tuple(LabelledFile(*row) for row in rows))


@pytest.fixture(scope="module")
def whole(films: Path, tmp_path_factory: pytest.TempPathFactory) -> LabelledVideos:
    """The four films and a broken file, ingested."""
    files = labelled(
        (films / "run1.mp4", "run", "train"),
        (films / "run2.mp4", "run", "test"),
        (films / "broken.mp4", "walk", "train"),
        (films / "walk1.mp4", "walk", "train"),
        (films / "walk2.mp4", "walk", "test"),
    )
    return label_library(files, tmp_path_factory.mktemp("whole") / "library", workers=1)


def test_each_file_becomes_its_whole_video_with_its_label(whole: LabelledVideos) -> None:
    assert [(v.start, v.end, v.label) for v in whole.train] == [(0, 60, "run"), (0, 9, "walk")]
    assert [(v.start, v.end, v.label) for v in whole.test] == [(0, 20, "run"), (0, 33, "walk")]
    assert whole.classes == ("run", "walk")


def test_a_broken_file_is_left_out_and_said_with_its_reason(whole: LabelledVideos) -> None:
    (problem,) = whole.problems
    assert problem.startswith("Not used: 1 file that could not be read")
    assert "broken.mp4" in problem
    (quarantined,) = (source for source in whole.library.sources().values() if source.quarantined)
    assert quarantined.reason in problem


def test_numbers_follow_the_files_and_not_the_catalogue(films: Path, whole: LabelledVideos) -> None:
    assert [video.video for video in (*whole.train, *whole.test)] == [0, 2, 1, 3]
    paths = whole.library.paths()
    names = [paths[video_id][0].stem for video_id in whole.video_ids]
    assert names == ["run1", "run2", "walk1", "walk2"]


def test_a_video_of_nine_frames_is_read_in_a_circle(whole: LabelledVideos) -> None:
    (short,) = (video for video in whole.train if video.end == FRAMES["walk1"])
    spec = clips_of(short, ClipSize())[0]
    assert spec.frames == tuple(step % 9 for step in range(16))
    clip = whole.reader(ClipSize()).read(spec)
    np.testing.assert_array_equal(clip[:7], clip[9:])


def test_clips_show_the_frames_of_their_own_file(tmp_path: Path) -> None:
    film = numbered_video(tmp_path / "numbered.mp4", [30])
    other = render_video(tmp_path / "other.mp4", [(5, 20)])
    files = labelled((other, "other", "train"), (film.path, "numbered", "test"))
    found = label_library(files, tmp_path / "library", workers=1)
    (video,) = found.test
    spec = ClipSpec(video.video, tuple(range(3, 19)), ClipSize().centre)
    clip = found.reader(ClipSize()).read(spec)
    assert [frame_number_of(picture) for picture in clip] == list(range(3, 19))


def test_a_library_is_shared_by_splits_and_not_read_twice(
    films: Path, whole: LabelledVideos, capsys: pytest.CaptureFixture[str]
) -> None:
    turned = labelled(
        (films / "walk2.mp4", "walk", "train"),
        (films / "run2.mp4", "run", "train"),
        (films / "run1.mp4", "run", "test"),
    )
    before = whole.library.video_ids()
    found = label_library(turned, whole.library.folder, workers=1)
    assert "ingest" not in capsys.readouterr().err
    assert found.library.video_ids() == before
    assert [(v.video, v.end, v.label) for v in found.train] == [(0, 33, "walk"), (1, 20, "run")]
    assert len(found.video_ids) == 3
    assert found.problems == ("1 class has no test video: walk.",)


def test_a_library_made_by_ingest_is_labelled_without_reading_a_film(
    films: Path, tmp_path: Path
) -> None:
    copies = tmp_path / "data"
    for name in FRAMES:
        (copies / name.rstrip("12")).mkdir(parents=True, exist_ok=True)
        shutil.copy2(films / f"{name}.mp4", copies / name.rstrip("12"))
    report = ingest([copies], tmp_path / "library", workers=1)
    assert report.new_videos == 4
    found = label_library(class_folders(copies), tmp_path / "library", workers=1)
    assert [video.end for video in (*found.train, *found.test)] == [60, 9, 20, 33]


def test_the_same_bytes_under_two_labels_or_in_both_splits_are_said(
    films: Path, tmp_path: Path, whole: LabelledVideos
) -> None:
    for name in ("copy1", "copy2"):
        shutil.copy(films / f"run{name[-1]}.mp4", tmp_path / f"{name}.mp4")
    files = labelled(
        (films / "run1.mp4", "run", "train"),
        (tmp_path / "copy1.mp4", "walk", "train"),
        (films / "run2.mp4", "run", "train"),
        (tmp_path / "copy2.mp4", "run", "test"),
    )
    found = label_library(files, whole.library.folder, workers=1)
    labels, splits, rest = found.problems
    assert labels.startswith("1 video has more than one label")
    assert f"{films / 'run1.mp4'} = {tmp_path / 'copy1.mp4'}." in labels
    assert splits.startswith("1 video is in both splits")
    assert f"{films / 'run2.mp4'} = {tmp_path / 'copy2.mp4'}." in splits
    assert rest == "1 class has no test video: walk."
    assert [video.video for video in (*found.train, *found.test)] == [0, 0, 1, 1]


def test_the_same_bytes_twice_in_one_class_and_split_are_no_problem(
    films: Path, tmp_path: Path, whole: LabelledVideos
) -> None:
    shutil.copy(films / "run1.mp4", tmp_path)
    files = labelled(
        (films / "run1.mp4", "run", "train"),
        (tmp_path / "run1.mp4", "run", "train"),
        (films / "run2.mp4", "run", "test"),
        (films / "walk1.mp4", "walk", "train"),
        (films / "walk2.mp4", "walk", "test"),
    )
    assert label_library(files, whole.library.folder, workers=1).problems == ()


def test_problems_of_the_files_are_said_before_the_ingest_and_kept(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (
        LabelledFile(films / "walk1.mp4", "walk", "train"),
        LabelledFile(films / "run2.mp4", "run", "test"),
        LabelledFile(films / "broken.mp4", "run", "train"),
    )
    files = LabelledFiles("films", ("run", "walk"), rows, ("Something is missing.",))
    found = label_library(files, tmp_path / "library", workers=1)
    first, *_, left_out, no_training, no_test = capsys.readouterr().err.splitlines()
    assert first == "dataset: Something is missing."
    assert [f"dataset: {problem}" for problem in found.problems] == [
        first,
        left_out,
        no_training,
        no_test,
    ]
    assert "1 class has no training video: run." in no_training


def test_a_damaged_file_is_used_and_said(films: Path, tmp_path: Path) -> None:
    damaged = render_video(tmp_path / "damaged.mp4", [(1, 120)], options={"g": "12"})
    stored = bytearray(damaged.read_bytes())
    middle = stored.index(b"mdat") + (len(stored) - stored.index(b"mdat")) // 2
    stored[middle : middle + 1500] = b"\xff" * 1500
    damaged.write_bytes(stored)
    files = labelled((damaged, "run", "train"), (films / "walk1.mp4", "walk", "test"))
    found = label_library(files, tmp_path / "library", workers=1)
    (row,) = (row for row in found.library.videos() if row["failed_packets"])
    assert [video.end for video in found.train] == [row["num_frames"]]
    assert any(problem.startswith("Damaged: 1 file (") for problem in found.problems)


def test_nothing_readable_is_an_error_with_the_reasons(films: Path, tmp_path: Path) -> None:
    files = labelled((films / "broken.mp4", "run", "train"))
    with pytest.raises(EruvError, match=r"none of the 1 file of films could be read.*broken\.mp4"):
        label_library(files, tmp_path / "library", workers=1)


def test_files_that_were_never_ingested_are_left_out_and_said(
    films: Path, tmp_path: Path, whole: LabelledVideos
) -> None:
    files = labelled((films / "run1.mp4", "run", "train"), (tmp_path / "new.mp4", "run", "test"))
    found = labelled_videos(files, Library(whole.library.folder))
    assert len(found.train) == 1
    assert "it is not in the library" in found.problems[0]
