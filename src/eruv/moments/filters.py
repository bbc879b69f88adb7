"""Which windows and moments count, as a condition of a table and as a mask of arrays."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.moments.merging import Moment
from eruv.utils.errors import EruvError

FARTHEST_S = 1e12


@dataclass(frozen=True)
class Filters:
    """Which moments count.

    Attributes:
        other_videos: not those of the query's own video.
        other_shots: not those of the query's own shots.
        paths: pattern of the path, as in a shell.
        from_s, to_s: seconds of the video that a moment lies between.
        min_s, max_s: length of a moment, in seconds.
    """

    other_videos: bool = False
    other_shots: bool = False
    paths: str | None = None
    from_s: float | None = None
    to_s: float | None = None
    min_s: float | None = None
    max_s: float | None = None

    def __post_init__(self) -> None:
        if not _in_order(self.from_s, self.to_s, -FARTHEST_S):
            raise EruvError(
                f"`from_s` must be before `to_s`, both in seconds; got {self.from_s} "
                f"and {self.to_s}."
            )
        if not _in_order(self.min_s, self.max_s, 0.0) or self.max_s == 0:
            raise EruvError(
                f"`min_s` must be at least 0 and at most `max_s`, both in seconds; got "
                f"{self.min_s} and {self.max_s}."
            )

    def condition(
        self, video_id: str, shots: Sequence[int], names: Mapping[str, Sequence[Path]]
    ) -> "Condition":
        """What a window must satisfy.

        Args:
            video_id: of the query's own video; empty if the library lacks it.
            shots: of that video, which the query is of.
            names: paths of the library's videos, by id.

        Raises:
            EruvError: if no video has a path like the pattern.
        """
        return Condition(
            without_video=video_id if self.other_videos else "",
            without_shots=(video_id, tuple(shots)) if self.other_shots and shots else ("", ()),
            videos=None if self.paths is None else _fitting(self.paths, names),
            from_s=self.from_s,
            to_s=self.to_s,
        )

    def accept(self, moment: Moment) -> bool:
        """Whether a moment has an allowed length."""
        length_s = moment.end_s - moment.start_s
        return (self.min_s or 0.0) <= length_s <= (self.max_s or FARTHEST_S)


@dataclass(frozen=True)
class Condition:
    """What a window must satisfy.

    Attributes:
        without_video: id of a video that does not count; empty for none.
        without_shots: id of a video, and its shots that do not count.
        videos: ids of those that count; None for all.
        from_s, to_s: seconds of the video that a window lies between.
    """

    without_video: str = ""
    without_shots: tuple[str, tuple[int, ...]] = ("", ())
    videos: tuple[str, ...] | None = None
    from_s: float | None = None
    to_s: float | None = None

    def sql(self, own: bool = False) -> str:
        """For a table; ids are digests, so safe in it.

        Args:
            own: whether the query's own video and shots are left out by it too, which is slow.
        """
        parts = []
        if own and self.without_video:
            parts.append(f"video_id != '{self.without_video}'")
        if own and self.without_shots[0]:
            video_id, shots = self.without_shots
            parts.append(
                f"NOT (video_id = '{video_id}' AND shot IN ({', '.join(map(str, shots))}))"
            )
        if self.videos is not None:
            parts.append(f"video_id IN ({', '.join(map(repr, self.videos))})")
        if self.from_s is not None:
            parts.append(f"start_s >= {float(self.from_s)!r}")
        if self.to_s is not None:
            parts.append(f"end_s <= {float(self.to_s)!r}")
        return " AND ".join(parts)

    def within(self, start_s: float, end_s: float) -> bool:
        """Whether a window lies between the seconds."""
        after = self.from_s is None or start_s >= self.from_s
        return after and (self.to_s is None or end_s <= self.to_s)

    @property
    def leaves_some_out(self) -> bool:
        """Whether the query's own video or shots do not count."""
        return bool(self.without_video or self.without_shots[0])

    def leaves_out(self, video_id: str, shot: int) -> bool:
        """Whether a shot is the query's own, or of its video."""
        own, shots = self.without_shots
        return video_id == self.without_video or (video_id == own and shot in shots)


def _fitting(pattern: str, names: Mapping[str, Sequence[Path]]) -> tuple[str, ...]:
    found = sorted(
        video_id
        for video_id, files in names.items()
        if any(fnmatch.fnmatch(str(file), pattern) for file in files)
    )
    if not found:
        raise EruvError(
            f"no video of the library has a path that matches {pattern}. * stands for any text, "
            f"including folders: for example */holiday/*"
        )
    return tuple(found)


def _in_order(first: float | None, last: float | None, least: float) -> bool:
    low = least if first is None else first
    high = FARTHEST_S if last is None else last
    strict = low < high or (least == 0.0 and low == high)
    return least <= low <= FARTHEST_S and strict and high <= FARTHEST_S
