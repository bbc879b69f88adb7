"""What is looked for: a stretch of a file or of a library's video, or a picture."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from eruv.detection.part import seconds_of
from eruv.evaluation.feature_file import Features
from eruv.library.catalogue import Library
from eruv.models.clip_encoder import ClipEncoder, TextEncoder
from eruv.models.embedding import Clips
from eruv.moments.looks import LENGTH, looks_of
from eruv.moments.outside import is_picture, picture_clip, read_part
from eruv.moments.vectors import unit
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
                f"a stretch must begin before it ends; got "
                f"{self.name}@{self.start_s:g}-{self.end_s:g}"
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
        shots: of that video, which the stretch is of.
    """

    vectors_QF: Features
    looks: Features
    video_id: str = ""
    shots: tuple[int, ...] = ()


def query_of_windows(
    rows: Sequence[dict[str, Any]], stretch: Stretch, most: int = MOST_WINDOWS
) -> Query | None:
    """The query of a stretch of a library's video by the vectors that are there.

    Args:
        rows: windows of the video, at least all that overlap the stretch.
        stretch: of it.
        most: windows at most, evenly spread.

    Returns:
        None where no window lies in the stretch or overlaps it.
    """
    if not rows:
        return None
    end_s = max(row["end_s"] for row in rows) if stretch.end_s is None else stretch.end_s
    near = _near([(row["start_s"], row["end_s"]) for row in rows], stretch, most)
    chosen = [
        row
        for row in (rows[number] for number in near)
        if row["start_s"] < end_s and row["end_s"] > stretch.start_s
    ]
    if not chosen:
        return None
    return Query(
        np.array([row["vector"] for row in chosen], np.float32),
        np.array([row["look"] for row in chosen], np.float32),
        chosen[0]["video_id"],
        tuple(sorted({row["shot"] for row in chosen})),
    )


def query_of_library_video(stretch: Stretch, library: Library, encoder: ClipEncoder) -> Query:
    """The query of a stretch of a library's video, named by its id, from its proxy.

    Raises:
        EruvError: if there is no such video, or nothing of it in the stretch.
    """
    video_id = stretch.name
    row = library.rows_of([video_id]).get(video_id)
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
    if stretch.start_s >= row["end_s"] or not found:
        raise EruvError(
            f"{stretch.name} ends at {row['end_s']:.1f} s; got a stretch from "
            f"{stretch.start_s:g} s on"
        )
    chosen = [found[n] for n in _near([(one.start_s, one.end_s) for one in found], stretch)]
    size = encoder.size_for(row["width"], row["height"])
    reader = library.reader(size)
    try:
        clips = [reader.read(video_id, one.spec(0, size).frames) for one in chosen]
    finally:
        reader.close()
    shots_of = tuple(sorted({one.shot for one in chosen}))
    return query_of_clips(np.stack(clips), encoder, video_id, shots_of)


def query_of_file(stretch: Stretch, library: Library, encoder: ClipEncoder) -> Query:
    """The query of a stretch of any file, of which only that is decoded; a picture is one frame.

    Raises:
        EruvError: if there is no such file, it is no video, or it ends before the stretch.
    """
    if not Path(stretch.name).is_file():
        raise EruvError(
            f"{stretch.name} is neither a file nor the id of a video of the library. Pass a file, "
            f"with seconds if you like: FILE@12.5-15.0"
        )
    whole = stretch.end_s is None and stretch.start_s == 0
    path = Path(os.path.abspath(stretch.name))
    if is_picture(path):
        return query_of_clips(picture_clip(path, encoder.size_for), encoder)
    settings = library.settings.proxy
    with read_part(path, None if whole else stretch.start_s, stretch.end_s, settings) as part:
        size = encoder.size_for(part.width, part.height)
        return query_of_clips(part.clips(settings, size, EVERY_S, MOST_WINDOWS), encoder)


def query_of_text(text: str, encoder: ClipEncoder) -> Query:
    """The query of words, which tell nothing of the same footage.

    Raises:
        EruvError: if there are none, or the encoder knows pictures alone.
    """
    if not text.strip():
        raise EruvError("`text` must be a few words; got none.")
    if not isinstance(encoder, TextEncoder):
        raise EruvError(
            "this encoder does not support text queries. Embed with one that does, such as "
            "CLIP, SigLIP or X-CLIP: eruv embed LIBRARY --run hf:FOLDER"
        )
    return Query(unit(encoder.text_features([text])), np.empty((0, LENGTH), np.float32))


def query_of_clips(
    clips: Clips, encoder: ClipEncoder, video_id: str = "", shots: tuple[int, ...] = ()
) -> Query:
    """The query of some clips."""
    return Query(unit(encoder.features(clips)), looks_of(clips), video_id, shots)


def _near(
    seconds: Sequence[tuple[float, float]], stretch: Stretch, most: int = MOST_WINDOWS
) -> list[int]:
    """Some windows within the stretch; where none is, the one nearest to its middle."""
    end = seconds[-1][1] if stretch.end_s is None else stretch.end_s
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
