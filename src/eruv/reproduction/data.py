"""The data sets of the paper's experiments, by their place in the paper.

`untrimmed` is what the paper pre-trains on (THUMOS14), `ucf101` and `hmdb51` are labelled;
`trimmed` is the training list of `ucf101`, to pre-train on (Table III), and `joined` are films
joined from the training list of a user's own labelled set.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eruv.datasets.labelled_library import label_library
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.detection.detectors import DetectorChoice
from eruv.library.catalogue import Library
from eruv.library.video_pass import EditingSettings
from eruv.pretext.segment_arrays import SegmentTable
from eruv.published.sizes import is_complete
from eruv.reproduction.experiments import DataKey
from eruv.reproduction.joined_films import joined_films
from eruv.reproduction.sources import (
    LIBRARY,
    DataSource,
    LabelledSource,
    SplitInfo,
    UnlabelledSource,
    training_list,
)
from eruv.utils.atomic import read_record, replace_text
from eruv.utils.console import say

PREPARED = "prepared.json"


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a data set, before it is prepared or after.

    Attributes:
        name: its place in the paper: untrimmed, trimmed, joined, ucf101 or hmdb51.
        title: of the data in that place, for people.
        splits: by number.
        official: whether it is the set that the paper has there, and complete.
        notes: sentences that a reader of the results should know.
    """

    name: str
    title: str
    splits: Mapping[int, SplitInfo]
    official: bool = False
    notes: tuple[str, ...] = ()

    def key(self, split: int = 1) -> DataKey:
        """A split, as experiments name it."""
        return DataKey(self.name, split, self.splits[split].fingerprint)

    def save(self, folder: Path) -> None:
        """Record that the set in a folder is prepared."""
        folder.mkdir(parents=True, exist_ok=True)
        replace_text(folder / PREPARED, json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> "DatasetInfo | None":
        """The record of a prepared set; None where there is none yet."""
        stored = read_record(folder / PREPARED)
        if stored is None:
            return None
        splits = {int(n): SplitInfo(**split) for n, split in stored.pop("splits").items()}
        return cls(**stored | {"splits": splits, "notes": tuple(stored["notes"])})


@dataclass(frozen=True)
class PaperData:
    """All data sets of one call.

    Attributes:
        folder: where prepared sets go.
        untrimmed: None for no such set.
        labelled: by place; there need not be both.
        detector: of shots in videos to pre-train on; None for the default.
        joined: the place whose training clips are joined into films to pre-train on, if any.
    """

    folder: Path
    untrimmed: UnlabelledSource | None
    labelled: Mapping[str, LabelledSource]
    detector: str | None = None
    joined: str | None = None

    def infos(self) -> dict[str, DatasetInfo]:
        """What is known of the sets without reading a video."""
        sources: dict[str, DataSource] = {**self._unlabelled(), **self.labelled}
        return {
            name: DatasetInfo.read(self._folder_of(name, source))
            or DatasetInfo(name, source.title, source.splits, source.official)
            for name, source in sources.items()
        }

    def prepare(self, names: Sequence[str]) -> dict[str, DatasetInfo]:
        """Make and ingest what some sets lack; all others stay as they are.

        Raises:
            EruvError: as reading and ingesting do.
        """
        for name in names:
            source = self.labelled.get(name) or self._unlabelled()[name]
            folder = self._folder_of(name, source)
            say(f"data: {name}: {source.title}")
            notes: tuple[str, ...] = ()
            if isinstance(source, UnlabelledSource):
                settings = EditingSettings(DetectorChoice(self.detector)) if self.detector else None
                notes = source.fill(folder, settings)
                splits = {1: _info_of_library(Library(folder / LIBRARY), whole=name == "trimmed")}
            else:
                splits = {
                    split: _info_of_videos(self.videos(name, split)) for split in source.splits
                }
            missing = missing_notes(source, splits) if source.official else ()
            official = source.official and not missing
            info = DatasetInfo(name, source.title, splits, official, (*missing, *notes))
            info.save(folder)
        return self.infos()

    def library(self, name: str) -> Library:
        """The library of a prepared, unlabelled set."""
        return Library(self._folder_of(name, self._unlabelled()[name]) / LIBRARY)

    def videos(self, name: str, split: int) -> LabelledVideos:
        """A split of a labelled set; videos that are ingested are not read again."""
        source, folder = self._labelled(name)
        return label_library(source.files(folder, split), folder / LIBRARY)

    def test_file(self, name: str) -> Path:
        """The first test file of a labelled set."""
        source, folder = self._labelled(name)
        return next(file.path for file in source.files(folder, 1).files if file.split == "test")

    def _unlabelled(self) -> dict[str, UnlabelledSource]:
        sources: dict[str, UnlabelledSource] = {}
        if self.untrimmed is not None:
            sources["untrimmed"] = self.untrimmed
        if "ucf101" in self.labelled:
            sources["trimmed"] = training_list(*self._labelled("ucf101"))
        if self.joined:
            sources["joined"] = joined_films(*self._labelled(self.joined))
        return sources

    def _labelled(self, name: str) -> tuple[LabelledSource, Path]:
        """A labelled set and its folder."""
        source = self.labelled[name]
        return source, self._folder_of(name, source)

    def _folder_of(self, name: str, source: DataSource) -> Path:
        text = json.dumps([source.identity, self.detector], sort_keys=True)
        return self.folder / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _info_of_library(library: Library, whole: bool) -> SplitInfo:
    if whole:
        table = SegmentTable.of_whole_videos(library, minimum=1)
    else:
        table = SegmentTable.of_library(library)
    segments, videos = len(table.segments), len(library.video_ids())
    return SplitInfo(table.fingerprint, segments=segments, videos=videos)


def _info_of_videos(videos: LabelledVideos) -> SplitInfo:
    both = videos.fingerprint(videos.train) + videos.fingerprint(videos.test)
    return SplitInfo(
        hashlib.sha256(both.encode()).hexdigest(),
        train=len(videos.train),
        test=len(videos.test),
        classes=len(videos.classes),
    )


def missing_notes(source: DataSource, splits: Mapping[int, SplitInfo]) -> tuple[str, ...]:
    """Why an official set cannot be compared: a sentence for each split that is not complete.

    Args:
        source: whose published numbers of videos are expected.
        splits: as found.
    """
    notes = []
    for number, found in splits.items():
        expected = source.splits[number]
        counts = {
            "videos": (found.videos, expected.videos),
            "training videos": (found.train, expected.train),
            "test videos": (found.test, expected.test),
        }
        known = {name: (have or 0, full) for name, (have, full) in counts.items() if full}
        if not all(is_complete(have, full) for have, full in known.values()):
            texts = [f"{have:,} of {full:,} {name}" for name, (have, full) in known.items()]
            split = f", split {number}" if len(splits) > 1 else ""
            notes.append(f"{source.title}{split}: {' and '.join(texts)}: not compared.")
    return tuple(notes)
