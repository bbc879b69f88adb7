"""Where the videos of a data set come from."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.datasets.labelled_files import LabelledFile, LabelledFiles
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.video_pass import EditingSettings
from eruv.media.discovery import find_videos
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


class DataSource(ABC):
    """A set of videos that can be found or made."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is, for people."""

    @property
    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """What decides its content, as plain values."""

    @property
    def official(self) -> bool:
        """Whether it is the set that the paper has in its place, or a part of that."""
        return False

    @property
    def splits(self) -> tuple[int, ...]:
        """Numbers of its splits; 1 for a set without."""
        return (1,)

    def expected(self, split: int) -> SplitInfo:
        """What is known of a split before anything is read; of official sets, as published."""
        del split
        return SplitInfo()


class UnlabelledSource(DataSource):
    """Videos to pre-train on."""

    @abstractmethod
    def fill(self, folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        """Put the videos into the library of a folder; called again, it adds what is missing.

        Args:
            folder: for the library, and for files that have to be made.
            settings: of shots, segments and proxies; None for the defaults.

        Returns:
            Sentences that a reader of the results should know.
        """


class LabelledSource(DataSource):
    """Labelled videos."""

    @abstractmethod
    def files(self, folder: Path, split: int) -> LabelledFiles:
        """The files of a split; those that have to be made are made in the folder."""


@dataclass(frozen=True)
class TrainingList(UnlabelledSource):
    """The training files of split 1 of a labelled set, to pre-train on."""

    source: LabelledSource
    folder: Path

    @property
    def title(self) -> str:
        return f"training list of split 1: {self.source.title}"

    @property
    def official(self) -> bool:
        return self.source.official

    @property
    def identity(self) -> dict[str, Any]:
        return {"training list": self.source.identity}

    def expected(self, split: int) -> SplitInfo:
        return SplitInfo(videos=self.source.expected(split).train)

    def fill(self, folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        ingest_exactly([file.path for file in self.files()], folder / LIBRARY, settings)
        return ()

    def files(self) -> list[LabelledFile]:
        """Its files, in the order of the set."""
        return [one for one in self.source.files(self.folder, 1).files if one.split == "train"]


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
            f"{printable(folder)} and run the command again: the library is then made anew."
        )
