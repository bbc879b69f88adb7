"""The videos that the paper's experiments are made on, in the four places that it has for them.

`untrimmed` stands where the paper pre-trains on THUMOS14; `ucf101` and `hmdb51` are labelled;
`trimmed` are the training clips of split 1 of `ucf101`, to pre-train on (Table III); `joined` are
films joined from the training clips of a user's own labelled set.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from eruv.clips.spec import CLIP_FRAMES
from eruv.datasets.labelled_files import LabelledFile, LabelledFiles
from eruv.datasets.labelled_library import label_library
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.detection.detectors import DetectorChoice
from eruv.detection.segments import SegmentSettings
from eruv.library.catalogue import Library
from eruv.library.video_pass import EditingSettings
from eruv.pretext import TASKS
from eruv.pretext.segment_arrays import Catalogue
from eruv.reproduction.exact_library import ingest_exactly
from eruv.reproduction.joined_films import account, classes_mixed, join_films
from eruv.reproduction.outlines import Outline, SplitOutline
from eruv.utils.console import say

LIBRARY = "library"


class UnlabelledSource(Protocol):
    """Where videos to pre-train on come from."""

    @property
    def title(self) -> str: ...

    @property
    def official(self) -> bool:
        """Whether it is the very set that the paper has."""

    @property
    def made_of(self) -> dict[str, Any]:
        """What decides its content, as plain values."""

    def fill(
        self, folder: Path, library: Path, settings: EditingSettings | None
    ) -> tuple[str, ...]:
        """Put its videos into a library; called again, it adds what is missing.

        Args:
            folder: for files that have to be made.
            library: folder of the library.
            settings: of shots, segments and proxies; None for the defaults.

        Returns:
            Sentences on what is special about them.
        """


class LabelledSource(Protocol):
    """Where labelled videos come from."""

    @property
    def title(self) -> str: ...

    @property
    def official(self) -> bool:
        """Whether it is the very set that the paper has."""

    @property
    def made_of(self) -> dict[str, Any]:
        """What decides its content, as plain values."""

    @property
    def splits(self) -> tuple[int, ...]: ...

    def expected(self, split: int) -> SplitOutline:
        """What is known of a split before anything is read."""

    def files(self, folder: Path, split: int) -> LabelledFiles:
        """Its files in one split, made in the folder where they have to be made."""


@dataclass(frozen=True)
class TrainingList:
    """The training files of split 1 of a labelled set, to pre-train on."""

    of: LabelledSource
    folder: Path

    @property
    def title(self) -> str:
        return f"training list of split 1: {self.of.title}"

    @property
    def official(self) -> bool:
        return self.of.official

    @property
    def made_of(self) -> dict[str, Any]:
        return {"training list": self.of.made_of}

    def fill(
        self, folder: Path, library: Path, settings: EditingSettings | None
    ) -> tuple[str, ...]:
        del folder  # they lie where the labelled set has them
        ingest_exactly(self.clips(), library, settings)
        return ()

    def clips(self) -> list[Path]:
        """Its files, in the order of the set."""
        return [file.path for file in self.files()]

    def files(self) -> list[LabelledFile]:
        """The same, with their classes."""
        return [file for file in self.of.files(self.folder, 1).files if file.split == "train"]


@dataclass(frozen=True)
class JoinedClips:
    """The same, joined into films: for sets whose clips are too short to pre-train on alone."""

    clips: TrainingList

    @property
    def title(self) -> str:
        return f"films joined from the {self.clips.title}"

    @property
    def official(self) -> bool:
        return False

    @property
    def made_of(self) -> dict[str, Any]:
        return {"joined": self.clips.made_of}

    def fill(
        self, folder: Path, library: Path, settings: EditingSettings | None
    ) -> tuple[str, ...]:
        del folder
        # No shots are looked for; every clip is used where it fits.
        cut = replace(settings or EditingSettings(), segments=SegmentSettings(minimum=CLIP_FRAMES))
        made = join_films(classes_mixed(self.clips.files()), library, cut)
        return (account(made, {name: task.shortest_frames for name, task in TASKS.items()}),)


@dataclass(frozen=True)
class PaperSets:
    """All sets of one call.

    Args:
        folder: where prepared sets go.
        untrimmed: None where none is given.
        labelled: by place; a place that is not given is left out.
        detector: that untrimmed videos are cut with; None for the default.
        joined: the place whose training clips are joined into films to pre-train on; None for
            no such films.
    """

    folder: Path
    untrimmed: UnlabelledSource | None
    labelled: Mapping[str, LabelledSource]
    detector: str | None = None
    joined: str | None = None

    def outlines(self) -> dict[str, Outline]:
        """What is known of the sets without reading a video."""
        found = {
            name: Outline.read(self._folder_of(name, source.made_of))
            or Outline(name, source.title, {1: SplitOutline()}, source.official)
            for name, source in self._unlabelled().items()
        }
        for name, labelled in self.labelled.items():
            found[name] = Outline.read(self._folder_of(name, labelled.made_of)) or Outline(
                name,
                labelled.title,
                {split: labelled.expected(split) for split in labelled.splits},
                labelled.official,
            )
        return found

    def prepare(self, names: Sequence[str]) -> dict[str, Outline]:
        """Make and ingest what is missing of some sets; all others stay as they are.

        Raises:
            EruvError: as reading and ingesting do.
        """
        for name in names:
            if name in self.labelled:
                self._prepare_labelled(name)
            else:
                self._prepare_unlabelled(name)
        return self.outlines()

    def library(self, name: str) -> Library:
        """The library of an unlabelled set that is prepared."""
        return Library(self._folder_of(name, self._unlabelled()[name].made_of) / LIBRARY)

    def videos(self, name: str, split: int) -> LabelledVideos:
        """A split of a labelled set; what is ingested already is not read again."""
        source = self.labelled[name]
        folder = self._folder_of(name, source.made_of)
        return label_library(source.files(folder, split), folder / LIBRARY)

    def test_file(self, name: str) -> Path:
        """The first test file of a labelled set."""
        source = self.labelled[name]
        files = source.files(self._folder_of(name, source.made_of), 1).files
        return next(file.path for file in files if file.split == "test")

    def _unlabelled(self) -> dict[str, UnlabelledSource]:
        found: dict[str, UnlabelledSource] = {}
        if self.untrimmed is not None:
            found["untrimmed"] = self.untrimmed
        if "ucf101" in self.labelled:
            found["trimmed"] = self._training_list("ucf101")
        if self.joined:
            found["joined"] = JoinedClips(self._training_list(self.joined))
        return found

    def _training_list(self, name: str) -> TrainingList:
        source = self.labelled[name]
        return TrainingList(source, self._folder_of(name, source.made_of))

    def _folder_of(self, name: str, made_of: dict[str, Any]) -> Path:
        words = json.dumps([made_of, self.detector], sort_keys=True)
        return self.folder / f"{name}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"

    def _prepare_unlabelled(self, name: str) -> None:
        source = self._unlabelled()[name]
        folder = self._folder_of(name, source.made_of)
        say(f"data: {name}: {source.title}")
        settings = EditingSettings(DetectorChoice(self.detector)) if self.detector else None
        notes = source.fill(folder, folder / LIBRARY, settings)
        library = Library(folder / LIBRARY)
        catalogue = (
            Catalogue.of_whole_videos(library, minimum=1)
            if name == "trimmed"
            else Catalogue.of_library(library)
        )
        segments = len(catalogue.segments)
        split = SplitOutline(fingerprint=catalogue.fingerprint, segments=segments)
        Outline(name, source.title, {1: split}, source.official, notes).save(folder)

    def _prepare_labelled(self, name: str) -> None:
        source = self.labelled[name]
        folder = self._folder_of(name, source.made_of)
        say(f"data: {name}: {source.title}")
        splits = {}
        for split in source.splits:
            videos = self.videos(name, split)
            splits[split] = SplitOutline(
                fingerprint=_fingerprint(videos),
                train=len(videos.train),
                test=len(videos.test),
                classes=len(videos.classes),
            )
        Outline(name, source.title, splits, source.official).save(folder)


def _fingerprint(videos: LabelledVideos) -> str:
    parts = (videos.fingerprint(videos.train), videos.fingerprint(videos.test))
    return hashlib.sha256("".join(parts).encode()).hexdigest()
