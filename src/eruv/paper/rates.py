"""How long a clip takes on this machine, in training and in looking.

Comes in: finished runs, or a few seconds of trying. Goes out: seconds for a workload.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import torch

from eruv.models import make_backbone, network_input, with_channels_last
from eruv.paper.workload import NetworkKind, Workload
from eruv.training.processor import available_cores, choose_device

TRIED_CLIPS = 4
# A forward pass beside a whole training step.
LOOKING = 1 / 3
# Starting processes, reading videos, writing: about as long for every run.
OVERHEAD_S = 2.0


@dataclass
class Rates:
    """Seconds a clip, by kind of network.

    Attributes:
        finished: workloads of runs that have ended, with their seconds.
        device: auto, cpu or cuda, to try networks on of which none has ended.
    """

    finished: Iterable[tuple[Workload, float]]
    device: str = "auto"
    per_clip: dict[NetworkKind, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.per_clip |= learned_from(self.finished)

    def seconds(self, work: Workload) -> float:
        """Estimated time of a workload."""
        if work.network not in self.per_clip:
            self.per_clip[work.network] = tried(work.network, self.device)
        return OVERHEAD_S + effort(work) * self.per_clip[work.network]


def effort(work: Workload) -> float:
    """Clips of a workload, counted as clips of a training."""
    return work.trained + LOOKING * work.looked_at


def learned_from(finished: Iterable[tuple[Workload, float]]) -> Mapping[NetworkKind, float]:
    """Seconds a clip of training, over all finished runs of each kind of network."""
    clips: dict[NetworkKind, float] = {}
    seconds: dict[NetworkKind, float] = {}
    for work, took in finished:
        if effort(work) > 0:
            clips[work.network] = clips.get(work.network, 0.0) + effort(work)
            spent = max(0.0, took - OVERHEAD_S)
            seconds[work.network] = seconds.get(work.network, 0.0) + spent
    return {kind: seconds[kind] / clips[kind] for kind in clips if seconds[kind] > 0}


def tried(kind: NetworkKind, device: str) -> float:
    """Seconds a clip of training, from the second of two steps of a few clips."""
    chosen = choose_device(device)
    torch.set_num_threads(available_cores())
    network = with_channels_last(make_backbone(kind.backbone, kind.width)).to(chosen)
    crop = kind.size.crop
    clips = torch.zeros(TRIED_CLIPS, 16, crop, crop, 3, dtype=torch.uint8, device=chosen)
    took = 0.0
    for _ in range(2):
        started = time.monotonic()
        # Reading a number waits for the device.
        loss = network(network_input(clips)).sum()
        loss.backward()
        loss.item()
        took = time.monotonic() - started
    return took / TRIED_CLIPS
