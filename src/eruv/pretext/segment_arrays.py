"""Segments as flat, sorted arrays: what pretext tasks draw from."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from eruv.utils.errors import EruvError

if TYPE_CHECKING:
    # Loader workers need the arrays only; the database would cost them seconds and memory.
    from eruv.library.catalogue import Library

# int32 where the numbers fit, which halves what a worker maps; else int64.
Integers = NDArray[np.signedinteger[Any]]


def narrow(values: Integers) -> Integers:
    """The same whole numbers, none negative, in 4 bytes each if they fit."""
    fits = not len(values) or values.max() <= np.iinfo(np.int32).max
    return values.astype(np.int32 if fits else np.int64, copy=False)


@dataclass(frozen=True)
class Segments:
    """S segments of G shots of V videos, sorted by video, shot and start.

    Attributes:
        start, end: (S,), half-open frame ranges.
        shot: (S,), number of the shot in [0, G), counted over all videos.
        video: (S,), number of the video in [0, V).
        shot_offsets: (G + 1,), segments of shot g are [shot_offsets[g], shot_offsets[g + 1]).
        video_offsets: (V + 1,), likewise for videos.
    """

    start: Integers
    end: Integers
    shot: Integers
    video: Integers
    shot_offsets: Integers
    video_offsets: Integers

    def __len__(self) -> int:
        return len(self.start)

    @property
    def lengths(self) -> Integers:
        return self.end - self.start

    @property
    def num_videos(self) -> int:
        return len(self.video_offsets) - 1

    @property
    def num_shots(self) -> int:
        return len(self.shot_offsets) - 1

    def shot_at(self, video: int, frame: int) -> int:
        """Number of the shot that shows a frame, which must be of a segment."""
        first, end = self.video_offsets[video : video + 2]
        return int(self.shot[first + np.searchsorted(self.end[first:end], frame, side="right")])

    @classmethod
    def group(cls, video: Integers, shot: Integers, start: Integers, end: Integers) -> "Segments":
        """Sort rows and find the groups.

        Args:
            video: (S,), any numbers; equal for segments of one video.
            shot: (S,), any numbers; equal for segments of one shot within a video.
            start, end: (S,), half-open frame ranges.

        Raises:
            ValueError: if a range is empty.
        """
        if not (end > start).all():
            raise ValueError("every segment is a half-open range [start, end) with start < end")
        order = np.lexsort((start, shot, video))
        video, shot, start, end = video[order], shot[order], start[order], end[order]
        new_video = np.diff(video, prepend=video[:1] - 1) != 0
        new_shot = new_video | (np.diff(shot, prepend=shot[:1] - 1) != 0)
        size = np.array([len(start)])
        return cls(
            start=narrow(start),
            end=narrow(end),
            shot=narrow(np.cumsum(new_shot) - 1),
            video=narrow(np.cumsum(new_video) - 1),
            shot_offsets=narrow(np.concatenate([np.flatnonzero(new_shot), size])),
            video_offsets=narrow(np.concatenate([np.flatnonzero(new_video), size])),
        )

    def select(self, chosen: NDArray[np.bool_]) -> "Segments":
        """The segments where `chosen` (S,) is true; videos and shots are numbered anew."""
        return Segments.group(
            self.video[chosen], self.shot[chosen], self.start[chosen], self.end[chosen]
        )


@dataclass(frozen=True)
class SegmentTable:
    """Segments, and the ids of their videos: (V,) strings, sorted."""

    segments: Segments
    video_ids: Sequence[str]

    @classmethod
    def of_library(cls, library: "Library") -> "SegmentTable":
        """All segments of a library; the order depends on the ids alone, not on the ingest."""
        numbers: dict[str, int] = {}
        parts: dict[str, list[Integers]] = {"video": [], "shot": [], "start": [], "end": []}
        for batch in library.segment_batches(["video_id", "shot", "start", "end"]):
            names = batch["video_id"].combine_chunks().dictionary_encode()
            known = [numbers.setdefault(one, len(numbers)) for one in names.dictionary.to_pylist()]
            parts["video"].append(narrow(np.array(known, np.int64)[names.indices.to_numpy()]))
            for name in ("shot", "start", "end"):
                parts[name].append(narrow(batch[name].to_numpy()).copy())
        video_ids = sorted(numbers)
        rank = np.empty(len(numbers), np.int32)
        rank[[numbers[one] for one in video_ids]] = np.arange(len(numbers))
        video, *columns = (_joined(parts.pop(name)) for name in list(parts))
        return cls(Segments.group(rank[video], *columns), video_ids)

    @classmethod
    def of_whole_videos(cls, library: "Library", minimum: int) -> "SegmentTable":
        """Every video of at least `minimum` frames as one segment, for trimmed data sets."""
        names = ("video_id", "num_frames")
        rows = sorted(zip(*(library.column("videos", name) for name in names), strict=True))
        kept = [(name, frames) for name, frames in rows if frames >= minimum]
        number = np.arange(len(kept), dtype=np.int64)
        end = np.array([frames for _, frames in kept], np.int64)
        zeros = np.zeros_like(number)
        return cls(Segments.group(number, zeros, zeros, end), [name for name, _ in kept])

    def select(self, chosen: NDArray[np.bool_]) -> "SegmentTable":
        """The part where `chosen` (S,) is true, without videos that lose all their segments."""
        left = np.unique(self.segments.video[chosen])
        return SegmentTable(self.segments.select(chosen), [self.video_ids[v] for v in left])

    @property
    def fingerprint(self) -> str:
        """Equal for equal content; in hexadecimal."""
        digest = hashlib.sha256("".join(self.video_ids).encode())
        segments = self.segments
        for values in (segments.video, segments.shot, segments.start, segments.end):
            digest.update(values.astype("<i8").tobytes())
        return digest.hexdigest()

    def save(self, folder: Path) -> None:
        """Write one .npy file an array; a folder that exists is complete, and replaced."""
        partial = folder.with_name(folder.name + ".part")
        partial.mkdir(parents=True, exist_ok=True)
        for name, values in vars(self.segments).items():
            np.save(partial / f"{name}.npy", values)
        np.save(partial / "video_ids.npy", np.array(self.video_ids, np.bytes_))
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(partial, folder)

    @classmethod
    def load(cls, folder: Path) -> "SegmentTable":
        """Open a saved table; its arrays are mapped from disk and shared by processes.

        Raises:
            EruvError: if a file of it is gone or damaged.
        """
        try:
            arrays = {
                name: np.load(folder / f"{name}.npy", mmap_mode="r")
                for name in Segments.__dataclass_fields__
            }
            return cls(Segments(**arrays), MappedNames(folder / "video_ids.npy"))
        except (OSError, ValueError, EOFError) as error:
            raise EruvError(
                f"{folder}, which has the segments of a training, is damaged: {error}. Train into "
                f"another folder."
            ) from error


def _joined(parts: list[Integers]) -> Integers:
    return np.concatenate([np.zeros(0, np.int32), *parts])


class MappedNames(Sequence[str]):
    """Names on disk, read one by one."""

    def __init__(self, path: Path) -> None:
        self._names = np.load(path, mmap_mode="r")

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, number: int) -> str: ...

    @overload
    def __getitem__(self, number: slice) -> list[str]: ...

    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return [name.decode() for name in self._names[number].tolist()]
        return self._names[number].decode()
