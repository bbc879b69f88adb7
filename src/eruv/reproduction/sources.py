"""Where the videos of a data set come from: sets that a user names, and parts of them."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eruv.datasets.labelled_files import LabelledFile, LabelledFiles
from eruv.datasets.labelled_library import say_problems
from eruv.datasets.opening import open_dataset
from eruv.datasets.thumos14 import NUMBERS, file_name, thumos14_validation
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.video_pass import EditingSettings
from eruv.media.discovery import find_videos
from eruv.published.sizes import SIZES
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

LIBRARY = "library"


@dataclass(frozen=True)
class SplitInfo:
    """What is known of one split, or of the whole of a set without splits.

    Attributes:
        fingerprint: changes with the content; empty until the set is prepared.
        train, test: numbers of labelled videos; None where unknown.
        classes: of labelled videos; None where unknown.
        segments: to pre-train on; None for labelled sets and where unknown.
        videos: of an unlabelled set; None where unknown.
    """

    fingerprint: str = ""
    train: int | None = None
    test: int | None = None
    classes: int | None = None
    segments: int | None = None
    videos: int | None = None


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """A set of videos that can be found or made.

    Attributes:
        title: what it is, for people.
        identity: what decides its content, as plain values.
        official: whether it is the set that the paper has in its place, or a part of that.
        splits: what is known of each split before anything is read, by number; of official sets,
            as published. A set without splits has number 1.
    """

    title: str
    identity: dict[str, Any]
    official: bool = False
    splits: Mapping[int, SplitInfo] = field(default_factory=lambda: {1: SplitInfo()})


@dataclass(frozen=True, kw_only=True)
class UnlabelledSource(DataSource):
    """Videos to pre-train on.

    Attributes:
        fill: puts the videos into the library of a folder, with settings of shots, segments and
            proxies or None; called again, it adds what is missing. It returns sentences that a
            reader of the results should know.
    """

    fill: Callable[[Path, EditingSettings | None], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class LabelledSource(DataSource):
    """Labelled videos.

    Attributes:
        files: the files of a split; those that have to be made are made in the folder.
    """

    files: Callable[[Path, int], LabelledFiles]

    def training_files(self, folder: Path) -> list[LabelledFile]:
        """Those of split 1, in the order of the set."""
        return [one for one in self.files(folder, 1).files if one.split == "train"]


def training_list(source: LabelledSource, files: Path) -> UnlabelledSource:
    """The training files of split 1 of a labelled set in its folder, to pre-train on."""

    def fill(folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        videos = [file.path for file in source.training_files(files)]
        ingest_exactly(videos, folder / LIBRARY, settings)
        return ()

    return UnlabelledSource(
        title=f"training list of split 1: {source.title}",
        identity={"training list": source.identity},
        official=source.official,
        splits={1: SplitInfo(videos=source.splits[1].train)},
        fill=fill,
    )


def untrimmed_folder(path: Path) -> UnlabelledSource:
    """THUMOS14's validation set, or every video below a folder.

    It is THUMOS14's where most of its files are there, or no others are.
    """
    expected = {file_name(number) for number in NUMBERS}
    found = find_videos([path])
    known = {video.name for video in found} & expected
    official = 2 * len(known) > len(expected) or 0 < len(known) == len(found)

    def fill(folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        videos: Sequence[Path] = [path]
        if official:
            videos, problems = thumos14_validation(path)
            say_problems(problems)
        ingest_exactly(videos, folder / LIBRARY, settings)
        return ()

    return UnlabelledSource(
        title="THUMOS14 validation" if official else path.name,
        identity={"untrimmed": os.path.abspath(path)},
        official=official,
        splits={1: SplitInfo(videos=len(expected) if official else None)},
        fill=fill,
    )


def official_set(name: str, path: Path, split_files: Path | None = None) -> LabelledSource:
    """UCF101 or HMDB51 with its three official splits."""
    lists = os.path.abspath(split_files) if split_files else None
    return LabelledSource(
        title=name.upper(),
        identity={name: os.path.abspath(path), "splits": lists},
        official=True,
        splits={
            number: SplitInfo(train=size.train, test=size.test, classes=size.classes)
            for number, size in SIZES[name].items()
        },
        files=lambda _, split: open_dataset(path, name, split_files, split),
    )


def labelled_folder(path: Path) -> LabelledSource:
    """A labelled set of the user's own: a folder per class, or a CSV table; one split."""

    def files() -> LabelledFiles:
        return open_dataset(path, "csv" if path.suffix.lower() == ".csv" else "folders")

    # Also of its files: clips that a changed table calls test clips must not stay in films.
    listed = [[str(file.path), file.label, file.split] for file in files().files]
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    return LabelledSource(
        title=path.name,
        identity={"labelled": os.path.abspath(path), "files": digest},
        files=lambda folder, split: files(),
    )


def ingest_exactly(videos: Sequence[Path], folder: Path, settings: EditingSettings | None) -> None:
    """Ingest files and folders into a library of nothing else: pre-training reads all of it.

    Raises:
        EruvError: if the library has other videos too, or cannot be made.
    """
    ingest(videos, folder, settings=settings)
    library, named = Library(folder), set(find_videos(videos))
    paths = library.paths()
    others = [name for name in library.video_ids() if named.isdisjoint(paths.get(name, ()))]
    if others:
        example = printable(paths[others[0]][0]) if others[0] in paths else f"proxy {others[0]}.mp4"
        raise EruvError(
            f"{printable(folder)} holds {len(others)} videos that are not among those to train on "
            f"(any more), for example {example}. Put them back as they were, or delete "
            f"{printable(folder)} and run the command again: the library is then rebuilt."
        )
