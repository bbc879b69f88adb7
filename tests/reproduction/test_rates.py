"""What is expected of runs follows those that have ended."""

import pytest

from eruv.clips.spec import ClipSize
from eruv.reproduction.rates import LOOKING, OVERHEAD_S, Rates, effort, tried
from eruv.reproduction.workload import NetworkKind, Workload

SMALL = NetworkKind("r3d", 0.05, ClipSize(32, 43, 32))


def test_a_workload_takes_what_others_of_its_kind_took():
    rates = Rates("cpu")
    rates.learn(Workload(SMALL, 0, trained=100, looked_at=300), OVERHEAD_S + 20.0)
    assert effort(Workload(SMALL, 0, 100, 300)) == pytest.approx(100 + 300 * LOOKING)
    per_clip = 20.0 / (100 + 300 * LOOKING)
    assert rates.seconds(Workload(SMALL, 0, 50, 0)) == pytest.approx(OVERHEAD_S + 50 * per_clip)
    rates.learn(Workload(SMALL, 0, trained=200, looked_at=0), OVERHEAD_S + 80.0)
    both = 100.0 / (300 + 300 * LOOKING)
    assert rates.seconds(Workload(SMALL, 0, 50, 0)) == pytest.approx(OVERHEAD_S + 50 * both)
    assert not rates.trials


def test_a_network_of_which_no_run_has_ended_is_tried_once():
    rates = Rates("cpu")
    work = Workload(SMALL, 0, trained=10, looked_at=0)
    first = rates.seconds(work)
    assert first > OVERHEAD_S
    assert rates.seconds(work) == first
    assert tried(SMALL, "cpu") > 0
