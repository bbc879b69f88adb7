"""A detector in a thread of its own says what it says without.

Covers also: base.
"""

import threading
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest

from eruv.detection.detectors.base import Detection, PictureFormat, Plane
from eruv.detection.detectors.threaded import BATCH_FRAMES, in_thread


class Listener:
    """Notes what it is told; fails at a frame of 255."""

    picture: ClassVar[PictureFormat] = PictureFormat(2, 2, "gray")
    context = 0

    def __init__(self) -> None:
        self.told: list[int | str] = []

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        value = int(planes[0][0, 0])
        if value == 255:
            raise RuntimeError("no such frame")
        self.told.append(value)

    def break_here(self) -> None:
        self.told.append("gap")

    def finish(self) -> Detection:
        self.told.append("end")
        return Detection(len(self.told), (), np.zeros(len(self.told), np.float32), 1.0)


def picture(value: int) -> list[Plane]:
    return [np.full((2, 2), value, np.uint8)]


@pytest.mark.parametrize("count", [0, 1, BATCH_FRAMES, 3 * BATCH_FRAMES + 5])
def test_frames_and_gaps_come_in_order(count: int) -> None:
    listener = Listener()
    reused = picture(0)
    with in_thread(listener) as judge:
        for number in range(count):
            if number % 20 == 7:
                judge.break_here()
            reused[0][:] = number  # as a decoder may, once `add` has returned
            judge.add(reused)
        assert judge.finish().num_frames == len(listener.told)
    expected: list[int | str] = []
    for number in range(count):
        expected += ["gap", number] if number % 20 == 7 else [number]
    assert listener.told == [*expected, "end"]


def test_what_the_detector_raises_is_raised_at_last_by_finish() -> None:
    with in_thread(Listener()) as judge:
        judge.add(picture(255))
        with pytest.raises(RuntimeError, match="no such frame"):
            judge.finish()


def interrupted_work(listener: Listener) -> None:
    with in_thread(listener) as judge:
        for number in range(BATCH_FRAMES):
            judge.add(picture(number))
        raise KeyError


def test_an_early_end_leaves_no_thread_behind() -> None:
    before, listener = threading.active_count(), Listener()
    with pytest.raises(KeyError):
        interrupted_work(listener)
    assert threading.active_count() == before
    assert "end" not in listener.told
