"""The loop: when it validates, saves, keeps and stops, on a network of a few weights.

Covers also: memory.
"""

import math
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from eruv.training import loop
from eruv.training.base_config import Keep
from eruv.training.checkpoint import Checkpoints
from eruv.training.loader import Batch
from eruv.training.loop import (
    Best,
    Loop,
    LoopSettings,
    StepLoss,
    Validation,
    classification_loss,
)
from eruv.training.metrics import read_metrics
from eruv.training.schedule import Schedule, ScheduleSettings
from eruv.utils.errors import EruvError, Interrupted


class Toy:
    """A training whose validation accuracies and losses are told beforehand."""

    def __init__(
        self,
        folder: Path,
        accuracies: list[float],
        *,
        total: int = 12,
        every: int = 4,
        interval_s: float = 3600.0,
        rate: float = 0.1,
        losses: list[float] | None = None,
        keep: Keep = "accuracy",
        dropped: float = 0.0,
        seed: int = 0,
    ) -> None:
        torch.manual_seed(0)
        folder.mkdir(exist_ok=True)
        self.linear = nn.Linear(4, 3)
        self.model = nn.Sequential(nn.Dropout(dropped), self.linear)
        self.found = iter(zip(losses or [0.5] * len(accuracies), accuracies, strict=True))
        self.kept: list[tuple[int, Tensor]] = []
        self.seen: list[int] = []
        optimizer = torch.optim.SGD(self.model.parameters(), lr=1.0, momentum=0.9)
        self.loop = Loop(
            accelerator=Accelerator(cpu=True, mixed_precision="no"),
            model=self.model,
            optimizer=optimizer,
            schedule=Schedule(ScheduleSettings(name="cosine"), rate, total),
            settings=LoopSettings(total, every, interval_s, 6, seed, keep),
            batches=self.batches,
            validate=lambda: Validation(*next(self.found)),
            keep=lambda step, found: self.kept.append((step, self.weights())),
            folder=folder,
            title="toy",
        )

    def batches(self, first_step: int) -> Iterator[Batch]:
        for step in range(first_step, 1000):
            self.seen.append(step)
            generator = torch.Generator().manual_seed(step)
            yield torch.randn(6, 4, generator=generator), torch.arange(6) % 3

    def weights(self) -> Tensor:
        return self.linear.weight.detach().clone()


def checkpoints(folder: Path) -> list[str]:
    return [path.name for path in Checkpoints(folder / "resume").all()]


def test_the_best_accuracy_is_kept_and_the_first_of_equal_ones(tmp_path: Path) -> None:
    toy = Toy(tmp_path, [0.3, 0.5, 0.5])
    best = toy.loop.run()
    assert best == Best(step=8, accuracy=0.5, loss=0.5)
    assert [step for step, _ in toy.kept] == [4, 8]


def test_the_lowest_loss_is_kept_where_that_is_asked_and_the_first_of_equal_ones(
    tmp_path: Path,
) -> None:
    losses = [0.7, 0.4, 0.4, 0.5]
    toy = Toy(tmp_path, [0.9, 0.3, 0.6, 0.8], total=16, losses=losses, keep="loss")
    best = toy.loop.run()
    assert best == Best(step=8, accuracy=0.3, loss=0.4)
    assert [step for step, _ in toy.kept] == [4, 8]


def test_the_lowest_loss_is_remembered_when_the_training_goes_on(tmp_path: Path) -> None:
    Toy(tmp_path, [0.1], total=4, losses=[0.3], keep="loss").loop.run()
    resumed = Toy(tmp_path, [0.9, 0.8], losses=[0.4, 0.2], keep="loss")
    assert resumed.loop.run() == Best(step=12, accuracy=0.8, loss=0.2)
    assert [step for step, _ in resumed.kept] == [12]


def test_the_last_weights_are_kept_however_good_the_earlier_ones_were(tmp_path: Path) -> None:
    toy = Toy(tmp_path, [0.9, 0.5, 0.3], losses=[0.1, 0.2, 0.3], keep="last")
    assert toy.loop.run() == Best(step=12, accuracy=0.3, loss=0.3)
    assert torch.equal(toy.kept[-1][1], toy.weights())


def test_what_is_dropped_in_a_step_is_the_same_however_often_it_is_begun(tmp_path: Path) -> None:
    def trained(name: str, *, seed: int = 0, dropped: float = 0.5) -> Toy:
        toy = Toy(tmp_path / name, [0.1] * 3, seed=seed, dropped=dropped)
        toy.loop.run()
        return toy

    whole = trained("whole")
    assert not torch.equal(whole.weights(), trained("other seed", seed=1).weights())
    assert not torch.equal(whole.weights(), trained("none dropped", dropped=0.0).weights())
    assert torch.equal(whole.weights(), trained("again").weights())
    last = checkpoints(tmp_path / "again")[-1]
    shutil.rmtree(tmp_path / "again" / "resume" / last)  # now it is at step 8 again
    resumed = trained("again")
    assert resumed.seen == [8, 9, 10, 11]
    assert torch.equal(resumed.weights(), whole.weights())


def test_a_training_leaves_the_random_numbers_of_others_alone(tmp_path: Path) -> None:
    toy = Toy(tmp_path, [0.1, 0.2, 0.3], dropped=0.5)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    toy.loop.run()
    assert torch.equal(torch.rand(3), expected)


def test_another_loss_is_descended_and_its_figures_are_logged(tmp_path: Path) -> None:
    def penalised(model: nn.Module, clips: Tensor, labels: Tensor) -> StepLoss:
        found = classification_loss(model, clips, labels)
        size = torch.stack([weights.square().sum() for weights in model.parameters()]).sum()
        return StepLoss(found.loss + size, found.accuracy, {"entropy": found.loss, "size": size})

    plain = Toy(tmp_path / "plain", [0.1] * 3)
    plain.loop.run()
    toy = Toy(tmp_path / "penalised", [0.1] * 3)
    toy.loop.loss = penalised
    toy.loop.run()
    assert toy.weights().norm() < plain.weights().norm()
    line = next(one for one in read_metrics(tmp_path / "penalised") if one["kind"] == "train")
    assert line["loss"] == pytest.approx(line["entropy"] + line["size"])


def test_the_last_step_always_validates_and_saves(tmp_path: Path) -> None:
    toy = Toy(tmp_path, [0.1, 0.2, 0.3], total=10, every=4)
    toy.loop.run()
    assert [step for step, _ in toy.kept] == [4, 8, 10]
    assert checkpoints(tmp_path) == ["step-00000008", "step-00000010"]
    lines = [(line["kind"], line["step"]) for line in read_metrics(tmp_path)]
    assert lines == [("validation", 4), ("validation", 8), ("train", 10), ("validation", 10)]


def test_a_checkpoint_is_saved_when_the_interval_is_over(tmp_path: Path) -> None:
    toy = Toy(tmp_path, [0.1], total=3, every=100, interval_s=0.0)
    toy.loop.run()
    assert checkpoints(tmp_path) == ["step-00000002", "step-00000003"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_with_the_state_saved_and_going_on_changes_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    whole = Toy(tmp_path / "whole", [0.1, 0.2, 0.3])
    whole.loop.run()
    stopped = Toy(tmp_path / "stopped", [0.1])
    batches = stopped.batches

    def interrupted(first_step: int) -> Iterator[Batch]:
        for step, batch in enumerate(batches(first_step)):
            if step == 5:
                os.kill(os.getpid(), number)
            yield batch

    stopped.loop.batches = interrupted
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(Interrupted, match=r"stopped at step 6 of 12; the state is saved"):
        stopped.loop.run()
    assert handlers == [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    resumed = Toy(tmp_path / "stopped", [0.2, 0.3])
    best = resumed.loop.run()
    assert resumed.seen == list(range(6, 12))
    assert torch.equal(resumed.weights(), whole.weights())
    assert best == Best(12, 0.3, 0.5)
    assert read_metrics(tmp_path / "stopped")[-1] == read_metrics(tmp_path / "whole")[-1]


def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    toy = Toy(tmp_path, [])
    batches = toy.batches

    def interrupted(first_step: int) -> Iterator[Batch]:
        for batch in batches(first_step):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            yield batch

    toy.loop.batches = interrupted
    with pytest.raises(KeyboardInterrupt):
        toy.loop.run()


def test_a_finished_training_has_nothing_left_to_do(tmp_path: Path) -> None:
    Toy(tmp_path, [0.1, 0.2, 0.3]).loop.run()
    again = Toy(tmp_path, [])
    assert again.loop.run() == Best(12, 0.3, 0.5)
    assert again.seen == []


def test_a_loss_that_is_not_finite_leaves_the_last_good_checkpoint(tmp_path: Path) -> None:
    toy = Toy(tmp_path, [0.1, 0.2, 0.3])
    batches = toy.batches

    def broken(first_step: int) -> Iterator[Batch]:
        for step, (clips, labels) in enumerate(batches(first_step)):
            yield (clips * math.nan if step == 6 else clips), labels

    toy.loop.batches = broken
    with pytest.raises(EruvError, match=r"nan at step 7\. The last good state is .*step-00000004"):
        toy.loop.run()
    assert checkpoints(tmp_path) == ["step-00000004"]


def test_weights_that_are_not_finite_are_neither_kept_nor_saved(tmp_path: Path) -> None:
    """A loss is that of the weights before the step: it may be finite when they no longer are."""
    toy = Toy(tmp_path, [0.9, 0.9, 0.9])
    batches = toy.batches

    def huge(first_step: int) -> Iterator[Batch]:
        for step, batch in enumerate(batches(first_step)):
            if step == 3:
                toy.linear.weight.register_hook(lambda gradient: gradient * math.inf)
            yield batch

    toy.loop.batches = huge
    with pytest.raises(EruvError, match=r"at step 4\. No state was saved yet\."):
        toy.loop.run()
    assert (toy.kept, checkpoints(tmp_path)) == ([], [])


@pytest.mark.parametrize("slow", [True, False])
def test_waiting_for_clips_is_told_once_with_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], slow: bool
) -> None:
    toy = Toy(tmp_path, [0.5] * 60, total=120, every=60)
    ready = [batch for _, batch in zip(range(120), toy.batches(0), strict=False)]

    def slowly(first_step: int) -> Iterator[Batch]:
        for batch in ready[first_step:]:
            time.sleep(0.02)
            yield batch

    toy.loop.batches = slowly if slow else lambda first_step: iter(ready[first_step:])
    toy.loop.run()
    said = capsys.readouterr().err
    assert said.count("waiting for clips") == (1 if slow else 0)


@pytest.mark.parametrize("where", ["loss", "weights"])
def test_a_batch_that_does_not_fit_is_told_with_one_that_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    toy, tried = Toy(tmp_path, [0.1]), [0]
    size = len(next(iter(toy.batches(0)))[0])

    def small(most: int) -> None:
        def check(part: str) -> None:
            if part == where and tried[0] > most:
                raise torch.OutOfMemoryError("CUDA out of memory")

        def loss(model: nn.Module, clips: Tensor, labels: Tensor) -> StepLoss:
            assert torch.is_autocast_enabled("cpu")  # memory is that of the run's precision
            assert all(weight.grad is None for weight in model.parameters())
            tried[0] = len(clips)
            check("loss")
            return classification_loss(model, clips, labels)

        toy.loop.loss = loss
        monkeypatch.setattr(toy.loop.optimizer, "step", lambda: check("weights"))

    monkeypatch.setattr(loop, "autocast", lambda *_: torch.autocast("cpu", torch.bfloat16))
    assert size >= 4
    small(size // 4)
    words = rf"a step of {size} pairs does not fit .*; {size // 4} fit\. Train into another"
    with pytest.raises(EruvError, match=words):
        toy.loop.run()
    small(0)
    with pytest.raises(EruvError, match="not even one of the pairs fits"):
        toy.loop.run()
    assert checkpoints(tmp_path) == []
