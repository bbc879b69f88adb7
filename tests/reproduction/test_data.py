"""Sets of a user's own: what changes them, and what they are compared with."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.datasets.labelled_files import LabelledFile
from eruv.datasets.thumos14 import file_name
from eruv.published.sizes import SIZES, Published, is_complete
from eruv.reproduction.data import PaperData
from eruv.reproduction.joined_films import CLIPS_PER_FILM, mixed_classes
from eruv.reproduction.options import PaperOptions
from eruv.reproduction.pages import setting_of
from eruv.reproduction.scales import SCALES
from eruv.reproduction.sources import labelled_folder, official_set, untrimmed_folder
from eruv.reproduction.study import Study
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
    before = labelled_folder(table).identity
    assert labelled_folder(table).identity == before
    write_table(table.parent, tested={0, 1})
    assert labelled_folder(table).identity != before


def test_one_folder_is_one_set_however_it_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "splits").mkdir()
    sets = [
        official_set("ucf101", tmp_path, tmp_path / "splits"),
        official_set("ucf101", tmp_path / ".", tmp_path / "splits" / ".." / "splits"),
    ]
    assert sets[0].identity == sets[1].identity


@given(st.integers(1, 60), st.integers(1, 60))
def test_joined_films_have_all_classes_and_keep_neighbours(fights, others):
    files = [
        LabelledFile(path, label, "train")
        for label, count in (("fight", fights), ("other", others))
        for path in [Path(f"/{label}/{number:03d}.avi") for number in range(count)]
    ]
    order = mixed_classes(files)
    assert Counter(order) == Counter(file.path for file in files)
    for label in ("fight", "other"):
        of_class = [path for path in order if path.parent.name == label]
        assert of_class == sorted(of_class)
    for start in range(0, len(order) - CLIPS_PER_FILM + 1, CLIPS_PER_FILM):
        in_film = sum(path.parent.name == "fight" for path in order[start : start + CLIPS_PER_FILM])
        expected = CLIPS_PER_FILM * fights / (fights + others)
        assert abs(in_film - expected) < 2


def test_a_set_of_the_user_s_own_holds_out_a_share_of_its_list(table):
    scale = PaperOptions(paths={"labelled": table}).make_scale()
    assert scale.finetuning["hmdb51", "c3d"].held_out == 0.1
    assert scale.finetuning["ucf101", "c3d"].held_out == 800
    small = PaperOptions("small", {"labelled": table}).make_scale()
    assert small.finetuning["hmdb51", "c3d"].held_out == 0


@pytest.mark.parametrize("change", ["taken out", "replaced"])
def test_videos_that_left_a_folder_are_not_trained_on(tmp_path, change):
    films = tmp_path / "films"
    films.mkdir()
    for number in (1, 2):
        render_video(films / f"{number}.mp4", [(number, 60)])
    source = untrimmed_folder(films)
    source.fill(tmp_path / "data", None)
    (films / "1.mp4").rename(films / "renamed.mp4")  # the same bytes are the same video
    source.fill(tmp_path / "data", None)
    (films / "2.mp4").unlink()
    if change == "replaced":
        render_video(films / "2.mp4", [(3, 60)])
    with pytest.raises(EruvError, match="1 videos that are not among those to train on"):
        source.fill(tmp_path / "data", None)


@pytest.mark.parametrize(
    ("count", "published", "complete"),
    [
        (1010, 1010, True),
        (1000, 1010, True),
        (999, 1010, False),
        (0, 1010, False),
        (9442, 9537, True),
        (9441, 9537, False),
        (9538, 9537, False),
    ],
)
def test_a_set_is_complete_with_99_of_100_of_its_videos(count, published, complete):
    assert is_complete(count, published) is complete


def test_one_file_named_like_thumos14_s_does_not_make_a_folder_official(tmp_path):
    (tmp_path / "mine.mp4").write_bytes(b"")
    (tmp_path / file_name(7)).write_bytes(b"")
    source = untrimmed_folder(tmp_path)
    assert not source.official
    assert source.title == tmp_path.name


def test_a_part_of_thumos14_is_not_compared(tmp_path):
    (tmp_path / "films").mkdir()
    for number in (1, 2):
        render_video(tmp_path / "films" / file_name(number), [(number, 60)])
    data = PaperData(tmp_path / "data", untrimmed_folder(tmp_path / "films"), {})
    assert data.infos()["untrimmed"].official
    info = data.prepare(["untrimmed"])["untrimmed"]
    assert not info.official
    assert info.notes == ("THUMOS14 validation: 2 of 1,010 videos: not compared.",)
    study = Study(SCALES["paper"](), data.infos())
    assert not study.comparable
    assert info.notes[0] in setting_of(study)


@pytest.mark.parametrize("complete", [True, False])
def test_ucf101_is_compared_only_where_every_split_is_complete(tmp_path, monkeypatch, complete):
    if complete:
        small = {split: Published(2, 1, 1) for split in (1, 2, 3)}
        monkeypatch.setitem(SIZES, "ucf101", small)
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "classInd.txt").write_text("1 Run\n2 Jump\n")
    for split in (1, 2, 3):
        (lists / f"trainlist0{split}.txt").write_text("Run/v_Run_g01_c01.avi 1\n")
        (lists / f"testlist0{split}.txt").write_text("Jump/v_Jump_g01_c01.avi\n")
    for number, label in enumerate(("Run", "Jump")):
        (tmp_path / "ucf" / label).mkdir(parents=True)
        render_video(tmp_path / "ucf" / label / f"v_{label}_g01_c01.avi", [(number, 20)])
    data = PaperData(
        tmp_path / "data", None, {"ucf101": official_set("ucf101", tmp_path / "ucf", lists)}
    )
    info = data.prepare(["ucf101"])["ucf101"]
    study = Study(SCALES["paper"](), {"ucf101": info})
    assert info.official is study.comparable is complete
    if complete:
        assert not info.notes
    else:
        assert info.notes[0] == (
            "UCF101, split 1: 1 of 9,537 training videos and 1 of 3,783 test videos: not compared."
        )
        assert study.place_title("ucf101") == "UCF101 (stand-in)"
