"""What is looked for: a stretch of a file or of a library's video, or a picture."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch

from eruv.clips.spec import ClipSpec
from eruv.detection.part import seconds_of
from eruv.evaluation.feature_file import Features
from eruv.library.catalogue import Library
from eruv.library.direct import DirectVideos
from eruv.models.embedding import Clips, window_frames, windows
from eruv.models.encoder import Encoder
from eruv.moments.looks import looks_of
from eruv.moments.table import VectorTable, unit
from eruv.moments.windows import windows_of
from eruv.utils.errors import EruvError

# FILE@12.5-15.0, FILE@12.5 or FILE; minutes and hours may stand before: 1:02:03.5.
_CLOCK = r"(?:\d+:){0,2}\d+(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<name>.+)@(?P<start>{_CLOCK})(?:-(?P<end>{_CLOCK}))?")
DEFAULT_S = 2.0
EVERY_S = 0.5
MOST_WINDOWS = 16


@dataclass(frozen=True)
class Stretch:
    """Seconds [start_s, end_s] of a file, or of a video of the library by its id; None: to the end.

    Attributes:
        name: path or id.
    """

    name: str
    start_s: float = 0.0
    end_s: float | None = None

    def __post_init__(self) -> None:
        if self.end_s is not None and not 0 <= self.start_s < self.end_s:
            raise EruvError(
                f"a stretch begins before it ends; got {self.name}@{self.start_s:g}-{self.end_s:g}"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """A stretch as people write it: FILE@12.5-15.0, FILE@1:02 (two seconds), or FILE.

        A file whose own name ends like that is taken as it is.
        """
        return cls(text) if Path(text).exists() else cls.read(text)

    @classmethod
    def read(cls, text: str) -> Self:
        """The same, without a look at the disk."""
        found = _RANGE.fullmatch(text)
        if found is None:
            return cls(text)
        start, end = seconds_of(found["start"]) or 0.0, seconds_of(found["end"])
        return cls(found["name"], start, start + DEFAULT_S if end is None else end)


@dataclass(frozen=True)
class Query:
    """What is compared with the windows of a library.

    Attributes:
        vectors_QF: of the windows of the stretch, of unit length.
        looks: of the same windows (Q, 108).
        video_id: of the library's video that the stretch is of; empty for any other file.
    """

    vectors_QF: Features
    looks: Features
    video_id: str


def read_query(stretch: Stretch, library: Library, encoder: Encoder) -> Query:
    """The windows of a stretch: from the proxy where the library has the file, else decoded.

    Raises:
        EruvError: if there is no such file or video, or nothing of it in the stretch.
    """
    video_id = _id_in(library, stretch.name)
    if video_id is None:
        return _of_file(stretch, library, encoder)
    row = next((row for row in library.videos() if row["video_id"] == video_id), None)
    if row is None:
        raise EruvError(f"the library {library.folder} lacks the video {video_id}.")
    # Shots have times of their own, which frames of a varying rate need.
    shots = [
        {"video_id": video_id, "shot": number, "start": start, "end": end}
        | {"start_s": start_s, "end_s": end_s}
        for number, ((start, end), (start_s, end_s)) in enumerate(
            zip(row["shots"], row["shots_s"], strict=True)
        )
    ]
    found = windows_of(shots, EVERY_S)
    chosen = _chosen([(one.start_s, one.end_s) for one in found], stretch, row["end_s"])
    reader = library.reader(encoder.size)
    try:
        clips = [reader.read(video_id, found[n].spec(0, encoder.size).frames) for n in chosen]
    finally:
        reader.close()
    return _query(np.stack(clips), encoder, video_id)


def stored_query(table: VectorTable, stretch: Stretch, most: int = MOST_WINDOWS) -> Query:
    """The windows of a stretch of a library's video as the table has them: nothing is decoded.

    Args:
        table: of vectors.
        stretch: `name` is the id of a video.
        most: windows at most, evenly spread.

    Raises:
        EruvError: if the table has no vectors of the video, or it ends before the stretch.
    """
    if re.fullmatch("[0-9a-f]+", stretch.name) is None:  # it goes into a condition
        raise EruvError(f"the library has no video {stretch.name}.")
    rows = table.table.search().where(f"video_id = '{stretch.name}'").with_row_id(True)
    found = rows.select(["start_s", "end_s"]).limit(None).to_list()
    if not found:
        raise EruvError(
            f"the video {stretch.name} has no vectors: it was ingested later, or has no shot that "
            f"is long enough. Embed again: eruv embed {table.library.folder}"
        )
    found.sort(key=lambda row: row["start_s"])
    end_s = max(row["end_s"] for row in found)
    # Windows end before the video does.
    start_s = min(stretch.start_s, found[-1]["start_s"]) if stretch.start_s else 0.0
    within = Stretch(stretch.name, start_s, stretch.end_s)
    chosen = _chosen([(row["start_s"], row["end_s"]) for row in found], within, end_s, most)
    ids = [found[number]["_rowid"] for number in chosen]
    taken = table.table.take_row_ids(ids).select(["vector", "look"]).to_arrow()
    vectors, looks = (
        np.stack(taken[name].to_numpy()).astype(np.float32) for name in ("vector", "look")
    )
    return Query(vectors, looks, stretch.name)


def _query(clips: Clips, encoder: Encoder, video_id: str) -> Query:
    return Query(unit(encoder.features(clips)), looks_of(torch.from_numpy(clips)), video_id)


def _of_file(stretch: Stretch, library: Library, encoder: Encoder) -> Query:
    if not Path(stretch.name).is_file():
        raise EruvError(
            f"{stretch.name} is neither a file nor the id of a video of the library. Name a file, "
            f"with seconds if you like: FILE@12.5-15.0"
        )
    for video in DirectVideos(stretch.name, library.settings.proxy, title="query"):
        times = video.shots.times
        spans = windows(video.shots.times_s, video.spans(by_shot=False), EVERY_S)
        end_s = times.end(len(times))
        chosen = _chosen([times.range(*span) for span in spans], stretch, end_s)
        reader = video.reader(encoder.size)
        try:
            specs = [ClipSpec(0, window_frames(spans[n]), encoder.size.centre) for n in chosen]
            return _query(reader.read_all(specs), encoder, "")
        finally:
            reader.close()
    raise AssertionError("a file that gives no video is told by DirectVideos")


def _chosen(
    seconds: Sequence[tuple[float, float]],
    stretch: Stretch,
    video_end_s: float,
    most: int = MOST_WINDOWS,
) -> list[int]:
    """Some windows within the stretch; where none is, the one nearest to its middle."""
    if stretch.start_s >= video_end_s or not seconds:
        raise EruvError(
            f"{stretch.name} ends at {video_end_s:.1f} s; got a stretch from "
            f"{stretch.start_s:g} s on"
        )
    end = video_end_s if stretch.end_s is None else min(stretch.end_s, video_end_s)
    inside = [
        number
        for number, (first, last) in enumerate(seconds)
        if stretch.start_s - 1e-3 <= first and last <= end + 1e-3
    ]
    if len(inside) > most:
        return [inside[n] for n in np.linspace(0, len(inside) - 1, most).astype(int)]
    if inside:
        return inside
    middle = (stretch.start_s + end) / 2
    return [int(np.argmin([abs((first + last) / 2 - middle) for first, last in seconds]))]


def _id_in(library: Library, name: str) -> str | None:
    """The id of a video by its id or the path of one of its files; None for another."""
    paths = library.paths()
    if name in paths:
        return name
    path = Path(os.path.abspath(name))
    return next((one for one, files in paths.items() if path in files), None)
