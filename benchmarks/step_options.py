"""What each option of pre-training adds to a step, in one process, interleaved.

    python benchmarks/step_options.py [--rounds 25] [--threads 2] [--docs docs/benchmarks]

A step is of the demo's recipe: augmentation, forward, backward and update on random pixels.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from eruv.models.backbones import make_backbone
from eruv.models.heads import ComparisonHead, ConcatenationHead
from eruv.models.inputs import with_channels_last
from eruv.models.siamese import SiameseNet
from eruv.training.augmentation import augment
from eruv.training.auxiliary_losses import auxiliary_heads, relation_loss
from eruv.training.device import keep_pages
from eruv.training.loop import classification_loss
from eruv.training.optimizer import make_optimizer
from eruv.training.pretrain_config import PretrainConfig, recipe
from learning_levers import merged
from pages import DOCS, write_page

PLAIN: dict[str, Any] = {"input": "rgb", "task": {"head": "linear"}}
COMPARISON: dict[str, Any] = {"task": {"head": "comparison"}}
PAIRS: dict[str, Any] = {"task": {"all_pairs": 0.5}}
CONTRAST: dict[str, Any] = {"task": {"contrast": 0.5, "queue": 1024}}
LOOKS: dict[str, Any] = {"augmentation": {"photometric": 0.5, "flip": True, "background": 0.3}}
RESIDUAL: dict[str, Any] = {"input": "residual"}
OPTIONS = {
    "plain": [],
    "residual": [RESIDUAL],
    "comparison": [COMPARISON],
    "all pairs": [PAIRS],
    "contrast, queue of 1,024": [CONTRAST],
    "looks: colours, mirror, background": [LOOKS],
    "everything": [RESIDUAL, COMPARISON, PAIRS, CONTRAST, LOOKS],
}
CLASSES, WARM_UP = 7, 2


def make_step(config: PretrainConfig) -> Callable[[], None]:
    """One step on random clips of four videos with two shots each."""
    torch.manual_seed(0)
    backbone = make_backbone(config.backbone, config.width)
    features = backbone.num_features
    head = (
        ConcatenationHead(2 * features, CLASSES)
        if config.task.head == "linear"
        else ComparisonHead(features, CLASSES)
    )
    auxiliary = auxiliary_heads(config.task, features)
    network = SiameseNet(backbone, head, config.batch_norm, config.input, auxiliary)
    network = with_channels_last(network).train()
    optimizer = make_optimizer(network, config.optimizer)
    batch, crop = config.batch_size, config.size.crop
    clips = torch.randint(0, 256, (batch, 2, 16, crop, crop, 3), dtype=torch.uint8)
    labels = torch.arange(batch) % CLASSES
    shots = torch.randint(0, 8, (batch, 2, 1))
    origins = torch.cat([shots // 2, shots, torch.ones_like(shots)], dim=2).flatten(1)
    rows = torch.cat([labels[:, None], origins], dim=1)

    def loss() -> Tensor:
        looks = augment(clips, config.augmentation)
        if auxiliary:
            return relation_loss(network, looks, rows, config.task).loss
        return classification_loss(network, looks, labels).loss

    def step() -> None:
        loss().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of a step with each option, a value a round."""
    steps = {
        name: make_step(PretrainConfig.from_dict(merged(recipe("demo").to_dict(), PLAIN, *changes)))
        for name, changes in OPTIONS.items()
    }
    found: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(WARM_UP + rounds):
        for name, step in steps.items():
            begun = time.perf_counter()
            step()
            if number >= WARM_UP:
                found[name].append(time.perf_counter() - begun)
    return found


def page(found: dict[str, list[float]], threads: int) -> list[str]:
    """The results as Markdown."""
    lines = [
        "# What options add to a step of pre-training",
        "",
        "    python benchmarks/step_options.py",
        "",
        f"The demo's recipe, {threads} threads, steps in turn: medians of "
        f"{len(found['plain'])} rounds, and of the ratio to the plain step of the same round.",
        "",
        "| option | ms a step | times the plain step |",
        "|---|---|---|",
    ]
    for name, seconds in found.items():
        ratios = [one / plain for one, plain in zip(seconds, found["plain"], strict=True)]
        lines.append(
            f"| {name} | {1000 * statistics.median(seconds):.0f} "
            f"| {statistics.median(ratios):.2f} |"
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    keep_pages()
    found = measure(options.rounds)
    lines = page(found, options.threads)
    print("\n".join(lines))
    write_page(options.docs, "step_options", lines, found)


if __name__ == "__main__":
    main()
