"""What is expected of runs follows those that have ended."""

import pytest

from eruv.clips.spec import ClipSize
from eruv.reproduction.cost import (
    FORWARD_SHARE,
    OVERHEAD_S,
    ClipTimes,
    NetworkKind,
    Workload,
    trial,
)

SMALL = NetworkKind("r3d", 0.05, ClipSize(32, 43, 32))


def test_a_workload_takes_what_others_of_its_kind_took():
    times = ClipTimes("cpu")
    times.learn(Workload(SMALL, 0, trained=100, forward=300), OVERHEAD_S + 20.0)
    assert Workload(SMALL, 0, 100, 300).effort == pytest.approx(100 + 300 * FORWARD_SHARE)
    per_clip = 20.0 / (100 + 300 * FORWARD_SHARE)
    assert times.seconds(Workload(SMALL, 0, 50, 0)) == pytest.approx(OVERHEAD_S + 50 * per_clip)
    times.learn(Workload(SMALL, 0, trained=200, forward=0), OVERHEAD_S + 80.0)
    both = 100.0 / (300 + 300 * FORWARD_SHARE)
    assert times.seconds(Workload(SMALL, 0, 50, 0)) == pytest.approx(OVERHEAD_S + 50 * both)
    assert not times.trials


def test_a_network_of_which_no_run_has_ended_is_tried_once():
    times = ClipTimes("cpu")
    work = Workload(SMALL, 0, trained=10, forward=0)
    first = times.seconds(work)
    assert first > OVERHEAD_S
    assert times.seconds(work) == first
    assert trial(SMALL, "cpu") > 0
