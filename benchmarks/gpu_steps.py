"""Training steps on a GPU: speed, memory and the largest batch of each way of making them."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from eruv.models.backbones import make_backbone
from eruv.models.heads import ConcatenationHead
from eruv.models.inputs import with_channels_last
from eruv.models.siamese import SiameseNet
from gpu_parts import Bench

CLASSES = 7
WARM_UP, ROUNDS, ROUND_S, MOST_STEPS = 3, 3, 0.3, 20
LARGEST_TRIED = 2048


@dataclass(frozen=True)
class Way:
    """One way of making a step.

    Attributes:
        channels_last: else clips and weights are contiguous.
        bf16: autocast; else float32, with TF32 in convolutions as torch has it by default.
        compiled: with torch.compile, for this batch size alone.
        search: let cuDNN try its algorithms.
    """

    name: str
    channels_last: bool
    bf16: bool
    compiled: bool = False
    search: bool = False


OURS = Way("channels last, bf16", True, True)
IN_FLOAT32 = (
    Way("contiguous, float32", False, False),
    Way("channels last, float32", True, False),
)
IN_BF16 = (
    Way("contiguous, bf16", False, True),
    OURS,
    Way("channels last, bf16, cudnn.benchmark", True, True, search=True),
)
COMPILED = Way("channels last, bf16, compiled", True, True, compiled=True)


@dataclass
class Step:
    """A step on random clips of one network."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    clips: Tensor
    labels: Tensor
    way: Way

    @classmethod
    def make(cls, bench: Bench, name: str, batch: int, way: Way) -> "Step":
        torch.manual_seed(0)
        trunk = make_backbone(name, 1 / 16 if bench.smoke else 1.0)
        network = SiameseNet(trunk, ConcatenationHead(2 * trunk.num_features, CLASSES), "joint")
        if way.channels_last:
            network = with_channels_last(network)
        else:
            trunk.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(),))
        network = network.to(bench.device)
        if way.compiled:
            torch.compiler.reset()
            # The processor's own compiler takes minutes, and nothing of it is measured here.
            backend = "inductor" if bench.device == "cuda" else "eager"
            network.compile(backend=backend, dynamic=False)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
        side = 32 if bench.smoke else 112
        clips = torch.randint(
            0, 256, (batch, 2, 16, side, side, 3), dtype=torch.uint8, device=bench.device
        )
        labels = torch.arange(batch, device=bench.device) % CLASSES
        return cls(network.train(), optimizer, clips, labels, way)

    def __call__(self) -> None:
        device = self.clips.device.type
        torch.backends.cudnn.benchmark = self.way.search
        with torch.autocast(device, torch.bfloat16) if self.way.bf16 else nullcontext():
            logits = self.network(self.clips)
            loss = functional.cross_entropy(logits.float(), self.labels)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)


def compile_cold(bench: Bench, name: str) -> None:
    """Compile with an empty cache, which `steps` then has; other parts run beside it."""
    for batch in batches(bench):
        step = Step.make(bench, name, batch, COMPILED)
        bench.write(backbone=name, batch=batch, seconds=seconds_of(bench, step))


def steps(bench: Bench, name: str) -> None:
    """Steps a second of every way, at two batch sizes; and the largest batch."""
    count = operations(bench, name)
    few, many = batches(bench)
    for batch, ways in ((few, IN_BF16), (many, IN_BF16), (few, IN_FLOAT32)):
        for way in ways:
            measure(bench, name, batch, way, count)
    for batch in (few, many):
        measure(bench, name, batch, COMPILED, count)
    largest(bench, name)
    measure(bench, name, many, IN_FLOAT32[0], count)


def batches(bench: Bench) -> tuple[int, int]:
    """Pairs in a step: as the paper has it, and more."""
    return (2, 4) if bench.smoke else (8, 32)


def measure(bench: Bench, name: str, batch: int, way: Way, pair_operations: float) -> None:
    """Write the speed and the peak of memory of one way, or why there is none."""
    figures: dict[str, Any] = {"backbone": name, "batch": batch, "way": way.name}
    try:
        forget(bench)
        step = Step.make(bench, name, batch, way)
        figures["first_step_s"] = seconds_of(bench, step)
        for _ in range(WARM_UP - 1):
            step()
        once = seconds_of(bench, step)
        count = max(1, min(MOST_STEPS, int((0.05 if bench.smoke else ROUND_S) / once)))
        rates = [count / seconds_of(bench, step, count) for _ in range(ROUNDS)]
        figures["steps_per_s"] = rates
        figures["tflop_s"] = pair_operations * batch * max(rates) / 1e12
        figures["peak_gb"] = peak_gb(bench)
    except Exception as error:  # the other ways are still wanted
        figures["failed"] = f"{type(error).__name__}: {str(error)[:500]}"
    bench.write(**figures)


def largest(bench: Bench, name: str) -> None:
    """Double the batch of our way until it no longer fits."""
    batch = 2 * batches(bench)[-1]
    while batch <= (8 if bench.smoke else LARGEST_TRIED):
        figures: dict[str, Any] = {"backbone": name, "largest": batch, "way": OURS.name}
        try:
            forget(bench)
            step = Step.make(bench, name, batch, OURS)
            step()
            figures["pairs_per_s"] = batch / seconds_of(bench, step)
            figures["peak_gb"] = peak_gb(bench)
        except (RuntimeError, MemoryError) as error:
            figures["failed"] = f"{type(error).__name__}: {str(error)[:300]}"
        bench.write(**figures)
        if "failed" in figures:
            break
        batch *= 2


def operations(bench: Bench, name: str) -> float:
    """Floating-point operations of a step, forward and backward, for one pair."""
    step = Step.make(bench, name, 2, Way("contiguous, float32", False, False))
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops() / 2


def seconds_of(bench: Bench, work: Callable[[], None], times: int = 1) -> float:
    """Wall seconds, the device's work included."""
    bench.synchronize()
    started = time.perf_counter()
    for _ in range(times):
        work()
    bench.synchronize()
    return time.perf_counter() - started


def forget(bench: Bench) -> None:
    """Give memory back, and start its peak anew."""
    if bench.device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_gb(bench: Bench) -> float | None:
    """The most that torch held on the device."""
    return torch.cuda.max_memory_allocated() / 1e9 if bench.device == "cuda" else None
