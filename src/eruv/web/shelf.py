"""The videos of a library by name, as pages show them: names are read once, rows on request."""

import os
import re
import threading
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.utils.paths import printable
from eruv.utils.storage.remote_path import is_remote

# Seconds between checks whether the catalogue has changed.
FRESH_S = 2.0


@dataclass(frozen=True)
class ShelfNames:
    """What a shelf knows of all videos.

    Attributes:
        version: of the catalogue that it was read from.
        order: ids of the videos, by name.
        names: by id, relative to the folder that all files have in common, with slashes.
        files: by id, where the bytes are.
        offsets: by id, of the row in the table of videos.
        quarantined: names of files that could not be read, with the reason.
    """

    version: tuple[int, int]
    order: list[str]
    names: dict[str, str]
    files: dict[str, list[Path]]
    offsets: dict[str, int]
    quarantined: list[tuple[str, str]]

    @cached_property
    def paths(self) -> dict[str, list[Path]]:
        """The names as paths, as a search takes them."""
        return {video_id: [Path(name)] for video_id, name in self.names.items()}


@dataclass(frozen=True)
class VideoRow:
    """One video as pages show it.

    Attributes:
        video_id, name: see `ShelfNames`.
        width, height: of the pictures.
        start_s, end_s: by the file's clock.
        num_frames, num_segments: how many.
        shots: seconds [start, end) of each.
        frames: the same in frames.
        damaged: whether frames were lost.
    """

    video_id: str
    name: str
    width: int
    height: int
    start_s: float
    end_s: float
    num_frames: int
    num_segments: int
    shots: list[tuple[float, float]]
    frames: list[tuple[int, int]]
    damaged: bool

    @property
    def seconds(self) -> float:
        """Its length."""
        return max(0.0, self.end_s - self.start_s)

    @property
    def folder(self) -> str:
        """The folders in its name, with a slash at the end; empty at the root."""
        return self.name[: len(self.name) - len(self.file)]

    @property
    def file(self) -> str:
        """The last part of its name."""
        return self.name.rpartition("/")[2]

    def shot_at(self, seconds: float) -> int:
        """Number of the shot at a second, or of the nearest one before it."""
        return max(0, bisect_right(self.shots, (seconds + 1e-6, float("inf"))) - 1)

    def frame_at(self, seconds: float) -> int:
        """The frame that is shown at a second; those of a shot are evenly spaced."""
        if not self.shots:
            return 0
        shot = self.shot_at(seconds)
        (start_s, end_s), (start, end) = self.shots[shot], self.frames[shot]
        share = (seconds - start_s) / max(end_s - start_s, 1e-6)
        return min(end - 1, max(start, start + int(share * (end - start) + 1e-6)))


class Shelf:
    """The videos of a library, found by name or id.

    Reads all names when it is made, and again when the catalogue has changed; everything else of a
    video is read by its place in the table.

    Args:
        library: to show.
    """

    def __init__(self, library: Library) -> None:
        self.library, self.lock = library, threading.Lock()
        self.checked = time.monotonic()
        self.read = self._read(self._version())

    def now(self) -> ShelfNames:
        """All names, not older than two seconds."""
        with self.lock:
            if time.monotonic() - self.checked > FRESH_S:
                for name in ("videos", "sources"):
                    self.library.tables[name].checkout_latest()
                version = self._version()
                if version != self.read.version:
                    self.read = self._read(version)
                self.checked = time.monotonic()
            return self.read

    def found(self, words: str) -> list[str]:
        """Ids of the videos whose name has all of some words, by name."""
        names = self.now()
        terms = words.casefold().split()
        if not terms:
            return names.order
        return [
            one for one in names.order if all(term in names.names[one].casefold() for term in terms)
        ]

    def rows(self, video_ids: Sequence[str]) -> list[VideoRow]:
        """Rows of some videos, in that order; those that are gone are left out."""
        names = self.now()
        there = [one for one in video_ids if one in names.offsets]
        if not there:
            return []
        offsets = [names.offsets[one] for one in there]
        taken = self.library.tables["videos"].take_offsets(offsets).to_list()
        found = {row["video_id"]: self._row(row, names) for row in taken}
        return [found[one] for one in there if one in found]

    def row(self, video_id: str) -> VideoRow | None:
        """One video; None if the library has none of this id."""
        rows = self.rows([video_id])
        return rows[0] if rows else None

    def id_of(self, name: str) -> str | None:
        """The id of a video by its id, its name, or the end of its name where only one has it."""
        names = self.now()
        if name in names.names:
            return name
        exact = [one for one, other in names.names.items() if other == name]
        ends = exact or [
            one for one, other in names.names.items() if other.endswith(f"/{name.lstrip('/')}")
        ]
        return ends[0] if len(ends) == 1 else None

    def _row(self, row: dict[str, Any], names: ShelfNames) -> VideoRow:
        return VideoRow(
            video_id=row["video_id"],
            name=names.names[row["video_id"]],
            width=row["width"],
            height=row["height"],
            start_s=row["start_s"],
            end_s=row["end_s"],
            num_frames=row["num_frames"],
            num_segments=row["num_segments"],
            shots=[(start, end) for start, end in row["shots_s"]],
            frames=[(start, end) for start, end in row["shots"]],
            damaged=bool(row["failed_packets"]),
        )

    def _version(self) -> tuple[int, int]:
        return self.library.tables["videos"].version, self.library.tables["sources"].version

    def _read(self, version: tuple[int, int]) -> ShelfNames:
        offsets = {one: n for n, one in enumerate(self.library.video_ids())}
        sources = self.library.sources().values()
        files: dict[str, list[Path]] = {}
        for one in sources:
            if not one.quarantined and one.video_id in offsets:
                files.setdefault(one.video_id, []).append(one.path)
        for paths in files.values():
            paths.sort()
        roots = _common_roots([paths[0] for paths in files.values()])
        names = {one: _relative(paths[0], roots) for one, paths in files.items()}
        return ShelfNames(
            version=version,
            order=sorted(names, key=lambda one: _natural(names[one])),
            names=names,
            files=files,
            offsets={one: offsets[one] for one in names},
            quarantined=sorted(
                (_relative(one.path, roots), one.reason) for one in sources if one.quarantined
            ),
        )


def _common_roots(paths: Sequence[Path]) -> dict[str, str]:
    """The folder that files have in common, of each disk and bucket; those are named by `_disk`."""
    homes: dict[str, list[str]] = {}
    for path in paths:
        homes.setdefault(_disk(path), []).append(os.path.join(*path.parent.parts))
    return {disk: os.path.commonpath(folders) for disk, folders in homes.items()}


def _disk(path: Path) -> str:
    return f"{path.scheme}/{path.bucket}" if is_remote(path) else ""


def _relative(path: Path, roots: Mapping[str, str]) -> str:
    """A name without the folders of the machine; of files elsewhere the last part alone."""
    root = roots.get(_disk(path))
    if root is None or not path.is_relative_to(root):
        return printable(Path(path.name))
    return printable(Path(*path.relative_to(root).parts))


def _natural(name: str) -> list[str | int]:
    """A key by which film2 comes before film10."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]
