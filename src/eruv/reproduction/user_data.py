"""Data sets that a user names, in their places in the paper."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.labelled_library import say_problems
from eruv.datasets.opening import open_dataset
from eruv.datasets.thumos14 import NUMBERS, file_name, thumos14_validation
from eruv.library.video_pass import EditingSettings
from eruv.media.discovery import find_videos
from eruv.published.sizes import SIZES
from eruv.reproduction.sources import (
    LIBRARY,
    LabelledSource,
    SplitInfo,
    UnlabelledSource,
    ingest_exactly,
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
