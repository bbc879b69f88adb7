"""Queries with their nearest neighbours as film strips."""

from collections.abc import Sequence
from dataclasses import dataclass

from eruv.clips.spec import ClipSize, ClipSpec
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.features import clips_of
from eruv.evaluation.retrieval import MeasuredRetrieval
from eruv.reports.ingested import Ingested
from eruv.reports.neighbour_choice import SHOWN_NEIGHBOURS, Group, rank_of_first_match
from eruv.reports.strips import ClipPictures, Strip
from eruv.utils.errors import EruvError
from eruv.utils.html import data_uri

FRAMES_IN_STRIP = 4
# JPEG quantiser: about 3 KB for a picture of 112 pixels.
QUANTISER = 5


@dataclass(frozen=True)
class Hit:
    """A neighbour: its rank from 1, whether it is of the query's class, and its cosine."""

    rank: int
    right: bool
    similarity: float
    strip: Strip


@dataclass(frozen=True)
class ShownQuery:
    """A query with its nearest neighbours.

    Attributes:
        number: of the query.
        strip: its own.
        hits: nearest first.
        verdict: how many are right, and where the first right one is if it is not shown.
    """

    number: int
    strip: Strip
    hits: list[Hit]
    verdict: str


class Gallery(ClipPictures):
    """Draws strips; keep it open for all of a page.

    Args:
        videos: the data set.
        measured: what retrieval found.
        size: of the clips that the network saw.
    """

    def __init__(self, videos: LabelledVideos, measured: MeasuredRetrieval, size: ClipSize) -> None:
        super().__init__(videos.library, Ingested(videos.library), videos.video_ids, size)
        self.videos, self.measured = videos, measured
        self.first_match_ranks = rank_of_first_match(measured)

    def shown(self, group: Group) -> list[ShownQuery]:
        """All queries of a group."""
        return [self.query(number) for number in group.queries]

    def query(self, number: int) -> ShownQuery:
        """One query, as it is shown."""
        found = self.measured.neighbours
        hits = [
            Hit(
                rank + 1,
                bool(self.measured.right[number, rank]),
                float(found.similarity[number, rank]),
                self._strip(self.videos.train, int(found.positions[number, rank])),
            )
            for rank in range(min(SHOWN_NEIGHBOURS, found.positions.shape[1]))
        ]
        return ShownQuery(
            number, self._strip(self.videos.test, number), hits, self._verdict(number, hits)
        )

    def _verdict(self, number: int, hits: Sequence[Hit]) -> str:
        right, first = sum(hit.right for hit in hits), int(self.first_match_ranks[number])
        if right:
            return f"{right} of {len(hits)} right"
        searched = self.measured.right.shape[1]
        if first < searched:
            return f"none of {len(hits)} right; the first right one is number {first + 1}"
        return f"no right one among the {searched} nearest"

    def _strip(self, videos: Sequence[LabelledVideo], row: int) -> Strip:
        per_video = self.measured.rows_per_video
        video = videos[row // per_video]
        words = self._name(video)
        if per_video > 1:
            clip = clips_of(video, self.size)[row % per_video]
            numbers = _spread(list(clip.frames))
            words += f", clip {row % per_video + 1} of {per_video}"
        else:
            numbers = _spread(range(video.start, video.end))
        try:
            frames = [(number, self._picture(video.video, number)) for number in numbers]
        except (EruvError, OSError, IndexError):
            frames = []
        return Strip(video.label, words, frames)

    def _picture(self, video: int, number: int) -> str:
        # One at a time: a clip decodes all frames from its first to its last.
        (picture,) = self.reader.read(ClipSpec(video, (number,), self.size.centre))
        return data_uri(picture, QUANTISER)

    def _name(self, video: LabelledVideo) -> str:
        """Name of the video, and from when to when where that is not all of it."""
        name, clock = self.names[video.video], self.clocks[video.video]
        if clock is None or (video.start, video.end) == (0, clock.num_frames):
            return name
        return f"{name}, {clock.seconds(video.start):.1f}–{clock.span(0, video.end)[1]:.1f} s"


def _spread(frames: Sequence[int]) -> list[int]:
    """Some of the frames, from the middles of equal parts; fewer where there are fewer."""
    count = min(FRAMES_IN_STRIP, len(frames))
    return [frames[int((part + 0.5) * len(frames) / count)] for part in range(count)]
