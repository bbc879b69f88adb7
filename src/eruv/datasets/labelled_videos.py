"""Labelled videos of a library, for training, recognition and retrieval."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize
from eruv.library.catalogue import Library


@dataclass(frozen=True)
class LabelledVideo:
    """Frames [start, end) of a video, with a label."""

    video: int
    start: int
    end: int
    label: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"frames must be [start, end) with start < end; got {self}")

    @property
    def num_frames(self) -> int:
        return self.end - self.start

    def frames_from(self, first: int, count: int) -> tuple[int, ...]:
        """Numbers of `count` frames of the video, from frame `first` of this interval on.

        An interval with fewer frames is repeated (fact 4).
        """
        return tuple(self.start + (first + step) % self.num_frames for step in range(count))


@dataclass(frozen=True)
class LabelledVideos:
    """A labelled data set in one of its splits.

    Attributes:
        name: of the data set and split, for people.
        library: with the proxies.
        video_ids: id of each video, by the video's number.
        classes: names, in the order of the class numbers.
        train, test: labels are of `classes`.
        problems: sentences about missing, unused or doubtful files.
    """

    name: str
    library: Library
    video_ids: tuple[str, ...]
    classes: tuple[str, ...]
    train: tuple[LabelledVideo, ...]
    test: tuple[LabelledVideo, ...]
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = {video.label for video in (*self.train, *self.test)} - set(self.classes)
        if unknown:
            raise ValueError(
                f"labels must be classes of {self.name}; got {', '.join(sorted(unknown))}"
            )
        if not all(video.video < len(self.video_ids) for video in (*self.train, *self.test)):
            raise ValueError(f"{self.name} has {len(self.video_ids)} videos; got a number beyond")

    def fingerprint(self, videos: Sequence[LabelledVideo]) -> str:
        """A digest of some of the videos, by which saved results are known to be theirs."""
        rows = [(self.video_ids[one.video], one.start, one.end, one.label) for one in videos]
        words = json.dumps([self.classes, asdict(self.library.settings.proxy), rows])
        return hashlib.sha256(words.encode()).hexdigest()

    def class_numbers(self, videos: Sequence[LabelledVideo]) -> list[int]:
        """The number of each video's class."""
        numbers = {name: number for number, name in enumerate(self.classes)}
        return [numbers[video.label] for video in videos]

    def reader(self, size: ClipSize) -> ClipReader:
        """A reader of clips of these videos; one for each process."""
        proxies = [self.library.proxy_path(video_id) for video_id in self.video_ids]
        return ClipReader(proxies, self.library.settings.proxy, size)
