"""As many workers as steps need, and the same batches whatever their number.

Covers also: samples.
"""

import time
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eruv.pretext.task import TRAINING
from eruv.training.adaptive_loader import (
    MEASURED_BATCHES,
    MOST_AHEAD,
    WARM_UP_BATCHES,
    AdaptiveLoader,
    Rates,
)
from eruv.training.loader import Loader, TrainingBatches
from eruv.training.samples import SampleDataset, SampleSource

STEPS = WARM_UP_BATCHES + MEASURED_BATCHES + 6


@given(
    read_s=st.floats(1e-6, 10), slow=st.floats(1, 20), step_s=st.floats(1e-6, 10),
    most=st.integers(1, 16),
)  # fmt: skip
def test_workers_keep_up_with_the_steps_or_are_the_most_there_may_be(
    read_s: float, slow: float, step_s: float, most: int
) -> None:
    rates = Rates(read_s, slow * read_s, step_s)
    workers, ahead = rates.workers(most), rates.ahead()
    assert workers == most or workers * step_s >= read_s
    assert workers == 1 or (workers - 1) * step_s < 1.5 * read_s  # and no more than that
    assert ahead == MOST_AHEAD or ahead * step_s >= slow * read_s


@pytest.mark.parametrize(("step_s", "expected"), [(0.0, 2), (0.05, 1)])
def test_the_loader_is_made_anew_only_where_it_is_too_slow(
    sources: Callable[..., SampleSource],
    capsys: pytest.CaptureFixture[str],
    step_s: float,
    expected: int,
) -> None:
    dataset = SampleDataset({TRAINING: sources(0)})
    made: list[tuple[int, int]] = []

    def make(step: int, workers: int, ahead: int) -> Loader:
        made.append((step, workers))
        return Loader(dataset, TrainingBatches(2, step, STEPS), workers, ahead)

    labels, read = [], []
    for clips, found in AdaptiveLoader(make, 3, workers=1, most_workers=2, batch_size=2):
        labels.append(found)
        read.append(clips)
        time.sleep(step_s)
    plain = list(Loader(dataset, TrainingBatches(2, 3, STEPS), workers=0))
    assert torch.equal(torch.stack(labels), torch.stack([found for _, found in plain]))
    assert torch.equal(torch.stack(read), torch.stack([clips for clips, _ in plain]))
    restarts = [(3, 1), (3 + WARM_UP_BATCHES + MEASURED_BATCHES, 2)]
    assert made == restarts[:expected]
    line = capsys.readouterr().err
    assert f"{expected} process" in line
    assert "ms to read" in line
