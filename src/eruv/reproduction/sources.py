"""Where the videos of a data set come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
