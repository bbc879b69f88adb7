"""How long a clip takes on this machine, in training and in looking."""

import time
from dataclasses import dataclass, field

import torch

from eruv.models.backbones import make_backbone
from eruv.models.inputs import network_input, with_channels_last
from eruv.reproduction.workload import NetworkKind, Workload
from eruv.training.device import available_cores, choose_device

TRIED_CLIPS = 4
# A forward pass beside a whole training step.
LOOKING = 1 / 3
# Starting processes, reading videos, writing: about as long for every run.
OVERHEAD_S = 2.0


@dataclass
class Rates:
    """Seconds a clip by kind of network: learned from runs that have ended, else tried.

    Attributes:
        device: auto, cpu or cuda, to try networks on of which no run has ended.
        clips, spent_s: of all runs that have ended, by kind of network.
        trials: seconds a clip of networks that were tried.
    """

    device: str = "auto"
    clips: dict[NetworkKind, float] = field(default_factory=dict)
    spent_s: dict[NetworkKind, float] = field(default_factory=dict)
    trials: dict[NetworkKind, float] = field(default_factory=dict)

    def learn(self, work: Workload, seconds: float) -> None:
        """A run has ended."""
        spent = seconds - OVERHEAD_S
        if effort(work) > 0 and spent > 0:
            kind = work.network
            self.clips[kind] = self.clips.get(kind, 0.0) + effort(work)
            self.spent_s[kind] = self.spent_s.get(kind, 0.0) + spent

    def seconds(self, work: Workload) -> float:
        """Estimated time of a workload."""
        return OVERHEAD_S + effort(work) * self._per_clip(work.network)

    def _per_clip(self, kind: NetworkKind) -> float:
        if kind in self.clips:
            return self.spent_s[kind] / self.clips[kind]
        if kind not in self.trials:
            self.trials[kind] = tried(kind, self.device)
        return self.trials[kind]


def effort(work: Workload) -> float:
    """Clips of a workload, counted as clips of a training."""
    return work.trained + LOOKING * work.looked_at


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
