"""Real films with transitions annotated by eye, and how well detectors find these."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shot_scores import Counts, Range, Transitions, match_ranges

ANNOTATIONS = Path(__file__).with_name("annotations")
TOLERANCE = 1  # frames, by which `match_ranges` widens


@dataclass(frozen=True)
class Annotated:
    """A real film.

    Attributes:
        name: of the annotation.
        file: its name.
        sha256: of its bytes.
        frames: how many it has; 0 for a clip of a set.
        ranges: frames [start, end) of its transitions, a cut being an empty one.
        arguable: frames in which anything or nothing may be found.
    """

    name: str
    file: str
    sha256: str
    frames: int
    ranges: tuple[Range, ...]
    arguable: tuple[Range, ...]

    def __post_init__(self) -> None:
        if list(self.ranges) != sorted(set(self.ranges)):
            raise ValueError(f"transitions rise; got {self.ranges} of {self.file}")


def annotated(folder: Path = ANNOTATIONS) -> list[Annotated]:
    """All annotated films."""
    films = []
    for path in sorted(folder.glob("*.json")):
        stored = json.loads(path.read_text())
        for one in stored.get("clips", [stored]):
            ranges, arguable = (_ranges(one.get(key, [])) for key in ("transitions", "arguable"))
            facts = (path.stem, one["file"], one["sha256"], one.get("frames", 0))
            films.append(Annotated(*facts, ranges, arguable))
    return films


def _ranges(stored: Sequence[Mapping[str, Any]]) -> tuple[Range, ...]:
    return tuple((one["start"], one["end"]) for one in stored)


def find_films(films: Iterable[Annotated], folders: Sequence[Path]) -> dict[Path, Annotated]:
    """Films by the paths of their files, known by their bytes, as far as they are there."""
    wanted = {(one.file, one.sha256): one for one in films}
    names = {name for name, _ in wanted}
    found: dict[str, tuple[Path, Annotated]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.name in names and path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                if (path.name, digest) in wanted:
                    found.setdefault(digest, (path, wanted[path.name, digest]))
    return dict(found.values())


def score_annotated(film: Annotated, found: Transitions) -> Counts:
    """Of one film: a found transition meets a true one or lies a frame beside it, each once."""
    ranges = sorted([(cut, cut) for cut in found.cuts] + list(found.graduals))
    counted = [one for one in ranges if not _lies_in(one, film.arguable)]
    return Counts(match_ranges(film.ranges, counted), len(film.ranges), len(counted))


def _lies_in(one: Range, ranges: Sequence[Range]) -> bool:
    return any(start - TOLERANCE <= one[0] and one[1] <= end + TOLERANCE for start, end in ranges)
