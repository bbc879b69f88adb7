"""A shot list as rows of tables, as CSV and as a JSON object."""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detect import ShotList
from eruv.detection.detectors.base import Transition
from eruv.detection.export.timecode import SLOWEST_RATE, SLOWEST_TIMELINE, written_time

FIRST = "start"


@dataclass(frozen=True)
class ShotRow:
    """One shot in a table.

    Attributes:
        shot: its number, from 1.
        start, end: its frames are [start, end).
        start_s, end_s: the same in seconds.
        transition: how it begins: "start" (of the film), or a kind of transition.
        transition_frames: of a gradual transition into it, else 0.
        score: of the transition into it; None for the start of the film.
        confidence: how likely the transition is of this kind; None where that is not estimated.
        transition_start, transition_end: its frames, [start, end); a cut has none.
    """

    shot: int
    start: int
    end: int
    start_s: float
    end_s: float
    transition: str
    transition_frames: int
    score: float | None
    confidence: float | None
    transition_start: int
    transition_end: int

    @property
    def frames(self) -> int:
        return self.end - self.start

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def shot_rows(shots: ShotList) -> list[ShotRow]:
    """All shots of a video, in order."""
    by_end = {transition.end: transition for transition in shots.transitions}
    return [
        ShotRow(
            number,
            shot.start,
            shot.end,
            shot.start_s,
            shot.end_s,
            *_transition_into(by_end, shot.start),
        )
        for number, shot in enumerate(shots.shots, start=1)
    ]


def _transition_into(
    by_end: dict[int, Transition], start: int
) -> tuple[str, int, float | None, float | None, int, int]:
    one = by_end.get(start)
    if one is None:
        return FIRST, 0, None, None, start, start
    return one.kind, one.end - one.start, one.score, one.confidence, one.start, one.end


def in_words(one: Transition) -> str:
    """As "dissolve, frames 50 to 62, score 0.700, confidence 0.930"."""
    sure = "" if one.confidence is None else f", confidence {one.confidence:.3f}"
    where = f"frames {one.start} to {one.end}" if one.is_gradual else f"frame {one.start}"
    return f"{one.kind}, {where}, score {one.score:.3f}{sure}"


def counting_rate(shots: ShotList) -> Fraction:
    """The rate at which editing programs count the frames of a film.

    The film's own, unless it varies and is slow: a slide of 2.5 s does not end on a whole second.
    """
    if shots.rate >= SLOWEST_RATE or _is_constant(shots):
        return shots.rate
    return shots.rate * math.ceil(SLOWEST_TIMELINE / shots.rate)


def frames_at_average_rate(shots: ShotList, rate: Fraction | None = None) -> NDArray[np.int64]:
    """Number at a rate, the `counting_rate` by default, of every frame and of the end.

    Returns:
        (num_frames + 1,), the first is 0.
    """
    rate = rate or counting_rate(shots)
    if _is_constant(shots):
        # Times are rounded by containers; a constant rate is counted by frames, without error.
        numbers, ratio = np.arange(shots.num_frames + 1), rate / shots.rate
        return (2 * numbers * ratio.numerator + ratio.denominator) // (2 * ratio.denominator)
    times = shots.edges_s
    return np.rint((times - times[0]) * float(rate)).astype(np.int64)


def _is_constant(shots: ShotList) -> bool:
    times = shots.edges_s
    counted = (times - times[0]) * shots.frames_per_second
    return bool(np.abs(counted - np.arange(len(times))).max() < 0.5)


COLUMNS: dict[str, Callable[[ShotRow], int | str]] = {
    "shot": lambda row: row.shot,
    "start_frame": lambda row: row.start,
    "end_frame": lambda row: row.end,
    "frames": lambda row: row.frames,
    "start": lambda row: written_time(row.start_s),
    "end": lambda row: written_time(row.end_s),
    "start_s": lambda row: f"{row.start_s:.6f}",
    "end_s": lambda row: f"{row.end_s:.6f}",
    "length_s": lambda row: f"{row.length_s:.6f}",
    "transition": lambda row: row.transition,
    "transition_frames": lambda row: row.transition_frames,
    "score": lambda row: _six_decimals(row.score),
    "confidence": lambda row: _six_decimals(row.confidence),
    "transition_start": lambda row: row.transition_start,
    "transition_end": lambda row: row.transition_end,
}
# The first columns, by which tables of earlier versions are recognised, too.
MADE_BY = ",".join(list(COLUMNS)[:12])


def _six_decimals(number: float | None) -> str:
    return "" if number is None else f"{number:.6f}"


def csv_text(shots: ShotList) -> str:
    """CSV (RFC 4180): a header, then one line per shot; `end_frame` is the first frame after it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([column(row) for column in COLUMNS.values()] for row in shot_rows(shots))
    return text.getvalue()


def as_json(shots: ShotList) -> dict[str, Any]:
    """One video as a JSON object; seconds and scores have six decimals."""
    return {
        "path": str(shots.path),
        "joined": [asdict(one) | {"path": str(one.path)} for one in shots.joined],
        "width": shots.width,
        "height": shots.height,
        "frames_per_second": shots.frames_per_second,
        "first_frame": shots.first,
        "frames": shots.num_frames - shots.first,
        "end_s": round(shots.end_s, 6),
        "detector": {
            "name": shots.detector.name,
            "version": shots.detector.version,
            "parameters": dict(shots.detector.parameters),
        },
        "threshold": shots.threshold,
        "shots": [_shot_as_json(row) for row in shot_rows(shots)],
        "transitions": [_transition_as_json(one, shots) for one in shots.transitions],
        "damage": asdict(shots.damage),
        "stream": shots.stream,
        "streams_left_out": [asdict(one) for one in shots.left_out],
        "timecode": shots.timecode,
    }


def _transition_as_json(one: Transition, shots: ShotList) -> dict[str, Any]:
    edges = shots.times.range(one.start, one.end) if one.is_gradual else ()
    start_s, end_s = edges or (shots.times.start(one.start),) * 2
    return asdict(one) | {
        "score": round(one.score, 6),
        "confidence": _rounded(one.confidence),
        "start_s": round(start_s, 6),
        "end_s": round(end_s, 6),
    }


def _shot_as_json(row: ShotRow) -> dict[str, Any]:
    return asdict(row) | {
        "start_s": round(row.start_s, 6),
        "end_s": round(row.end_s, 6),
        "score": _rounded(row.score),
        "confidence": _rounded(row.confidence),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 6)
