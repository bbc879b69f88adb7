"""Data sets that a user names, in their places in the paper."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.labelled_library import say_problems
from eruv.datasets.opening import NUMBERS, open_dataset
from eruv.datasets.thumos14 import NUMBERS as VIDEO_NUMBERS
from eruv.datasets.thumos14 import file_name, thumos14_validation
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

TITLES = {"ucf101": "UCF101", "hmdb51": "HMDB51"}


@dataclass(frozen=True)
class UntrimmedFolder(UnlabelledSource):
    """THUMOS14's validation set, or every video below a folder."""

    path: Path

    @property
    def title(self) -> str:
        return "THUMOS14 validation" if self.official else self.path.name

    @property
    def identity(self) -> dict[str, Any]:
        return {"untrimmed": os.path.abspath(self.path)}

    @cached_property
    def official(self) -> bool:
        """Whether most of THUMOS14's files are there, or no others are."""
        expected = {file_name(number) for number in VIDEO_NUMBERS}
        videos = find_videos([self.path])
        found = {path.name for path in videos} & expected
        return 2 * len(found) > len(expected) or 0 < len(found) == len(videos)

    def expected(self, split: int) -> SplitInfo:
        del split
        return SplitInfo(videos=len(VIDEO_NUMBERS) if self.official else None)

    def fill(self, folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        videos: Sequence[Path] = [self.path]
        if self.official:
            videos, problems = thumos14_validation(self.path)
            say_problems(problems)
        ingest_exactly(videos, folder / LIBRARY, settings)
        return ()


@dataclass(frozen=True)
class OfficialSet(LabelledSource):
    """UCF101 or HMDB51 with its three official splits."""

    name: str
    path: Path
    split_files: Path | None = None

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def official(self) -> bool:
        return True

    @property
    def splits(self) -> tuple[int, ...]:
        return NUMBERS

    @property
    def identity(self) -> dict[str, Any]:
        splits = os.path.abspath(self.split_files) if self.split_files else None
        return {self.name: os.path.abspath(self.path), "splits": splits}

    def expected(self, split: int) -> SplitInfo:
        size = SIZES[self.name][split]
        return SplitInfo(train=size.train, test=size.test, classes=size.classes)

    def files(self, folder: Path, split: int) -> LabelledFiles:
        del folder
        return open_dataset(self.path, self.name, self.split_files, split)


@dataclass(frozen=True)
class LabelledFolder(LabelledSource):
    """A labelled set of the user's own: a folder per class, or a CSV table; one split."""

    path: Path

    @property
    def title(self) -> str:
        return self.path.name

    @cached_property
    def identity(self) -> dict[str, Any]:
        # Also of its files: clips that a changed table calls test clips must not stay in films.
        files = self.files(self.path, 1).files
        listed = [[str(file.path), file.label, file.split] for file in files]
        digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
        return {"labelled": os.path.abspath(self.path), "files": digest}

    def files(self, folder: Path, split: int) -> LabelledFiles:
        del folder, split
        kind = "csv" if self.path.suffix.lower() == ".csv" else "folders"
        return open_dataset(self.path, kind)
