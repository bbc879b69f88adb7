"""The product's own training step, with each of its ideas switched on or off."""

import time
from collections.abc import Callable

import torch
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

from eruv.models.backbones import make_backbone
from eruv.models.heads import ConcatenationHead
from eruv.models.inputs import with_channels_last
from eruv.models.siamese import SiameseNet
from eruv.training.device import keep_pages

SHOWN = 6  # operators of a profile
CLASSES = 7

# pages kept from going back to the system, both clips in one batch, channels last
Ideas = tuple[bool, bool, bool]


def make_step(
    backbone: str, width: float, batch: int, crop: int, ideas: Ideas
) -> Callable[[], None]:
    """One step on random pixels, forward, backward and update."""
    pages, joint, last = ideas
    if pages:
        keep_pages()
    torch.manual_seed(0)
    trunk = make_backbone(backbone, width)
    head = ConcatenationHead(2 * trunk.num_features, CLASSES)
    network = SiameseNet(trunk, head, "joint" if joint else "per_clip")
    if last:
        network = with_channels_last(network)
    else:
        trunk.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(),))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
    clips = torch.randint(0, 256, (batch, 2, 16, crop, crop, 3), dtype=torch.uint8)
    labels = torch.arange(batch) % CLASSES
    network.train()

    def step() -> None:
        functional.cross_entropy(network(clips), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def measure_ours(
    backbone: str, width: float, batch: int, crop: int, steps: int, warm_up: int, ideas: Ideas
) -> tuple[float, dict[str, float]]:
    """Pairs a second, and the operators that take most of a step by their share of it."""
    step = make_step(backbone, width, batch, crop, ideas)
    for _ in range(warm_up):
        step()
    begun = time.perf_counter()
    for _ in range(steps):
        step()
    rate = batch * steps / (time.perf_counter() - begun)
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        step()
    found = {one.key: one.self_cpu_time_total for one in seen.key_averages()}
    total = sum(found.values())
    most = sorted(found, key=found.__getitem__, reverse=True)[:SHOWN]
    return rate, {name: found[name] / total for name in most}
