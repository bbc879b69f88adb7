"""Sets of a user's own: what changes them, and what they are compared with."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.datasets.labelled_files import LabelledFile
from eruv.reproduction.given import Given
from eruv.reproduction.joined_films import CLIPS_PER_FILM, classes_mixed
from eruv.reproduction.user_sets import LabelledFolder, OfficialSet, UntrimmedFolder
from eruv.utils.errors import EruvError
from films_for_tests import render_video


@pytest.fixture
def table(tmp_path):
    """A CSV table of six files, of which the last is for tests."""
    for number in range(6):
        (tmp_path / f"{number}.mp4").write_bytes(b"")
    return write_table(tmp_path, tested={5})


def write_table(folder, tested):
    path = folder / "table.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "split"])
        for number in range(6):
            split = "test" if number in tested else "train"
            rows.writerow([f"{number}.mp4", "ab"[number % 2], split])
    return path


def test_a_table_with_other_training_clips_is_another_set(table):
    before = LabelledFolder(table).made_of
    assert LabelledFolder(table).made_of == before
    write_table(table.parent, tested={0, 1})
    assert LabelledFolder(table).made_of != before


def test_one_folder_is_one_set_however_it_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "splits").mkdir()
    sets = [
        OfficialSet("ucf101", tmp_path, tmp_path / "splits"),
        OfficialSet("ucf101", tmp_path / ".", tmp_path / "splits" / ".." / "splits"),
    ]
    assert sets[0].made_of == sets[1].made_of


@given(st.integers(1, 60), st.integers(1, 60))
def test_joined_films_have_all_classes_and_keep_neighbours(fights, others):
    files = [
        LabelledFile(path, label, "train")
        for label, count in (("fight", fights), ("other", others))
        for path in [Path(f"/{label}/{number:03d}.avi") for number in range(count)]
    ]
    order = classes_mixed(files)
    assert Counter(order) == Counter(file.path for file in files)
    for label in ("fight", "other"):
        of_class = [path for path in order if path.parent.name == label]
        assert of_class == sorted(of_class)
    for start in range(0, len(order) - CLIPS_PER_FILM + 1, CLIPS_PER_FILM):
        in_film = sum(path.parent.name == "fight" for path in order[start : start + CLIPS_PER_FILM])
        expected = CLIPS_PER_FILM * fights / (fights + others)
        assert abs(in_film - expected) < 2


def test_a_set_of_the_user_s_own_holds_out_a_share_of_its_list(table):
    scale = Given(labelled=table).make_scale()
    assert scale.finetuning["hmdb51", "c3d"].held_out == 0.1
    assert scale.finetuning["ucf101", "c3d"].held_out == 800
    small = Given("small", labelled=table).make_scale()
    assert small.finetuning["hmdb51", "c3d"].held_out == 0


@pytest.mark.parametrize("change", ["taken out", "replaced"])
def test_videos_that_left_a_folder_are_not_trained_on(tmp_path, change):
    films = tmp_path / "films"
    films.mkdir()
    for number in (1, 2):
        render_video(films / f"{number}.mp4", [(number, 60)])
    source, library = UntrimmedFolder(films), tmp_path / "data" / "library"
    source.fill(tmp_path / "data", library, None)
    (films / "1.mp4").rename(films / "renamed.mp4")  # the same bytes are the same video
    source.fill(tmp_path / "data", library, None)
    (films / "2.mp4").unlink()
    if change == "replaced":
        render_video(films / "2.mp4", [(3, 60)])
    with pytest.raises(EruvError, match="1 videos that are not among those to train on"):
        source.fill(tmp_path / "data", library, None)
