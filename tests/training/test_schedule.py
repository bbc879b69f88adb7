"""The learning rate, against torch's own schedulers."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import CosineAnnealingLR, ReduceLROnPlateau

from eruv.training.schedule import Schedule, ScheduleSettings

LOSSES = st.lists(st.sampled_from([3.0, 2.5, 2.4999, 2.0, 1.0, math.nan]), max_size=60)


def sgd(rate: float) -> torch.optim.SGD:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


@given(losses=LOSSES, patience=st.integers(1, 5))
def test_plateau_cuts_when_torch_does(losses: list[float], patience: int) -> None:
    ours = Schedule(ScheduleSettings(patience=patience), 0.01, 1000)
    optimizer = sgd(0.01)
    torchs = ReduceLROnPlateau(optimizer, factor=0.1, patience=patience, min_lr=1e-7)
    for step, loss in enumerate(losses):
        ours.validated(loss)
        torchs.step(loss)
        assert ours.rate(step) == pytest.approx(optimizer.param_groups[0]["lr"])


def test_the_paper_s_plateau_is_the_default() -> None:
    settings = ScheduleSettings()
    assert (settings.name, settings.patience, settings.factor) == ("plateau", 50, 0.1)
    assert (settings.minimum, settings.warmup) == (1e-7, 0.0)
    schedule = Schedule(settings, 0.01, 100)
    for _ in range(1000):
        schedule.validated(1.0)
    assert schedule.rate(0) == 1e-7


def test_cosine_falls_as_torch_s_does() -> None:
    ours = Schedule(ScheduleSettings(name="cosine"), 0.02, 50)
    optimizer = sgd(0.02)
    torchs = CosineAnnealingLR(optimizer, T_max=50)
    for step in range(50):
        assert ours.rate(step) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        torchs.step()


@pytest.mark.parametrize("name", ["plateau", "cosine", "constant"])
def test_warmup_rises_in_equal_steps_and_never_trains_with_nothing(name: str) -> None:
    schedule = Schedule(ScheduleSettings(name=name, warmup=0.1), 0.01, 100)
    rates = [schedule.rate(step) for step in range(100)]
    assert rates[:10] == pytest.approx([0.001 * step for step in range(1, 11)])
    assert rates[10] == pytest.approx(0.01)
    assert min(rates) > 0
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_constant_stays_whatever_validation_says() -> None:
    schedule = Schedule(ScheduleSettings(name="constant"), 0.01, 10)
    for step in range(200):
        schedule.validated(1.0)
        assert schedule.rate(step) == 0.01


def test_its_state_is_all_it_needs_to_go_on() -> None:
    first = Schedule(ScheduleSettings(patience=2), 0.01, 100)
    second = Schedule(ScheduleSettings(patience=2), 0.01, 100)
    for loss in (2.0, 2.1, 2.2):
        first.validated(loss)
    second.state = dict(first.state)
    for schedule in (first, second):
        schedule.validated(2.3)
    assert second.rate(4) == first.rate(4) == pytest.approx(0.001)


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "step"},
        {"warmup": 1.0},
        {"warmup": -0.1},
        {"patience": 0},
        {"factor": 1.0},
        {"minimum": -1.0},
    ],
)
def test_bad_settings_are_refused(bad: dict) -> None:
    with pytest.raises(ValueError, match="got"):
        ScheduleSettings(**bad)
