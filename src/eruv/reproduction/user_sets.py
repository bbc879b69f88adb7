"""Real data sets that a user names, in the places that the paper has for them."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eruv.datasets import hmdb51, ucf101
from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.labelled_library import say_problems
from eruv.datasets.opening import NUMBERS, DatasetChoice, open_dataset
from eruv.datasets.thumos14 import NUMBERS as VIDEO_NUMBERS
from eruv.datasets.thumos14 import file_name, thumos14_validation
from eruv.library.video_pass import EditingSettings
from eruv.media.discovery import find_videos
from eruv.reproduction.exact_library import ingest_exactly
from eruv.reproduction.outlines import SplitOutline

TITLES = {"ucf101": "UCF101", "hmdb51": "HMDB51"}
SIZES = {"ucf101": ucf101.PUBLISHED, "hmdb51": dict.fromkeys(NUMBERS, hmdb51.PUBLISHED)}


@dataclass(frozen=True)
class UntrimmedFolder:
    """THUMOS14's validation set where its files are there, else every video below a folder."""

    path: Path

    @property
    def title(self) -> str:
        return "THUMOS14 validation" if self.official else self.path.name

    @property
    def made_of(self) -> dict[str, Any]:
        return {"untrimmed": os.path.abspath(self.path)}

    def fill(
        self, folder: Path, library: Path, settings: EditingSettings | None
    ) -> tuple[str, ...]:
        del folder
        videos: Sequence[Path] = [self.path]
        if self.official:
            files = thumos14_validation(self.path)
            say_problems(files.problems)
            videos = files.paths
        ingest_exactly(videos, library, settings)
        return ()

    @property
    def official(self) -> bool:
        """Whether THUMOS14's files are there."""
        expected = {file_name(number) for number in VIDEO_NUMBERS}
        return any(path.name in expected for path in find_videos([self.path]))


@dataclass(frozen=True)
class OfficialSet:
    """UCF101 or HMDB51 with its three official splits."""

    name: str
    path: Path
    split_files: Path | None = None
    splits: tuple[int, ...] = NUMBERS
    official: bool = True

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def made_of(self) -> dict[str, Any]:
        splits = os.path.abspath(self.split_files) if self.split_files else None
        return {self.name: os.path.abspath(self.path), "splits": splits}

    def expected(self, split: int) -> SplitOutline:
        size = SIZES[self.name][split]
        return SplitOutline(train=size.train, test=size.test, classes=size.classes)

    def files(self, folder: Path, split: int) -> LabelledFiles:
        del folder
        return open_dataset(DatasetChoice(self.path, self.name, self.split_files, split))


@dataclass(frozen=True)
class LabelledFolder:
    """A labelled set of the user's own: a folder per class, or a CSV table; one split."""

    path: Path
    splits: tuple[int, ...] = (1,)
    official: bool = False

    @property
    def title(self) -> str:
        return self.path.name

    @cached_property
    def made_of(self) -> dict[str, Any]:
        # Also of its files: clips that a changed table calls test clips must not stay in films.
        files = self.files(self.path, 1).files
        listed = [[str(file.path), file.label, file.split] for file in files]
        digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
        return {"labelled": os.path.abspath(self.path), "files": digest}

    def expected(self, split: int) -> SplitOutline:
        del split
        return SplitOutline()

    def files(self, folder: Path, split: int) -> LabelledFiles:
        del folder, split
        kind = "csv" if self.path.suffix.lower() == ".csv" else "folders"
        return open_dataset(DatasetChoice(self.path, kind))
