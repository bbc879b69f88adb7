"""What encoders are trained and tested on: built-in films, or sets of real labelled clips."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.datasets.labelled_library import open_labelled
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.demonstration import labelled_shots
from eruv.films.films import render_films
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest

HELD_OUT_FILMS = 20
TEST_SHARE = 0.4
SUFFIXES = (".mp4", ".avi")


@dataclass(frozen=True)
class LearningData:
    """What a comparison runs on.

    Attributes:
        library: to pre-train on.
        held_out: ids of its videos that are kept apart; none lets the run choose.
        tests: labelled videos by name; their test lists are in no training.
    """

    library: Library
    held_out: tuple[str, ...]
    tests: Mapping[str, LabelledVideos]


def film_data(to: Path, seed: int) -> LearningData:
    """Films of a seed: training films to learn from, the shots of held-out ones to test with."""
    films = render_films(to / "films", seed=seed, num_held_out=HELD_OUT_FILMS)
    library = _library([to / "films"], to)
    ids = {paths[0].stem: video_id for video_id, paths in library.paths().items()}
    train, test = labelled_shots(films, "train"), labelled_shots(films, "held_out")
    actions = tuple(sorted({video.label for video in train}))
    numbers = tuple(ids[film.name] for film in films)
    videos = LabelledVideos("films", library, numbers, actions, tuple(train), tuple(test))
    held_out = tuple(sorted(ids[film.name] for film in films if film.split == "held_out"))
    return LearningData(library, held_out, {"films": videos})


def real_data(to: Path, labelled: Mapping[str, Path], raw: Sequence[Path]) -> LearningData:
    """Folders with a folder a class: the last clips of each class, by name, are the test list.

    Pre-trained is on the others, unlabelled, and on all raw footage.
    """
    tests = {name: open_split(to, name, folder) for name, folder in labelled.items()}
    training = [
        Path(path)
        for folder in labelled.values()
        for path, _, split in split_by_name(folder)
        if split == "train"
    ]
    return LearningData(_library([*training, *raw], to), (), tests)


def open_split(to: Path, name: str, folder: Path) -> LabelledVideos:
    """A folder with a folder a class, split by name: its table and library are kept in `to`."""
    to.mkdir(parents=True, exist_ok=True)
    table = to / f"{name}.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label", "split"), *split_by_name(folder)])
    return open_labelled(table, to / f"library-{name}", format="csv")


def _library(videos: Sequence[Path], to: Path) -> Library:
    """Made once: several processes may train on it by then."""
    ready = to / "library.ready"
    if not ready.exists():
        ingest(videos, to / "library")
        ready.touch()
    return Library(to / "library")


def split_by_name(folder: Path) -> list[tuple[str, str, str]]:
    """Path, label and split of each clip."""
    rows = []
    for label in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(file for file in label.iterdir() if file.suffix in SUFFIXES)
        first_test = len(files) - round(TEST_SHARE * len(files))
        for number, file in enumerate(files):
            split = "test" if number >= first_test else "train"
            rows.append((str(file.resolve()), label.name, split))
    return rows
