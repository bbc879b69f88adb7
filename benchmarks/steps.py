"""Training steps: pairs a second of ours beside a plain loop, and what each idea adds alone.

    python benchmarks/steps.py [--widths 0.25 1.0] [--docs docs/benchmarks]

Comes in: nothing; pixels are random. Goes out: a table. Every way runs in a process of its own,
with the same threads, in turns with the others.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pages import DOCS, ratio_of_rounds, write_page
from shot_worker import run_watched

BACKBONES = ("c3d", "r3d", "r2plus1d")
# pages kept from going back to the system, both clips in one batch, channels last
WAYS: dict[str, tuple[bool, bool, bool] | None] = {
    "plain loop": None,
    "nothing": (False, False, False),
    "pages kept": (True, False, False),
    "one batch": (False, True, False),
    "channels last": (False, False, True),
    "pages kept, one batch": (True, True, False),
    "ours": (True, True, True),
}
BATCH, CROP = 8, 112
WARM_UP, STEPS, ROUNDS = 1, 3, 3


def our_step(
    backbone: str, width: float, batch: int, pages: bool, joint: bool, last: bool
) -> float:
    """Pairs a second of the product's own network and step, with its ideas switched."""
    import torch
    from torch.nn import functional

    from eruv.models import ConcatenationHead, SiameseNet, make_backbone, with_channels_last
    from eruv.training.processor import keep_pages

    if pages:
        keep_pages()
    torch.manual_seed(0)
    trunk = make_backbone(backbone, width)
    head = ConcatenationHead(2 * trunk.num_features, 7)
    network = SiameseNet(trunk, head, "joint" if joint else "per_clip")
    if last:
        network = with_channels_last(network)
    else:
        trunk.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(),))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
    clips = torch.randint(0, 256, (batch, 2, 16, CROP, CROP, 3), dtype=torch.uint8)
    labels = torch.arange(batch) % 7
    network.train()
    begun = 0.0
    for step in range(WARM_UP + STEPS):
        if step == WARM_UP:
            begun = time.perf_counter()
        loss = functional.cross_entropy(network(clips), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return batch * STEPS / (time.perf_counter() - begun)


def worker() -> None:
    """Measure one way; prints pairs a second."""
    import torch

    from plain_loop import pairs_per_second

    request = json.loads(sys.stdin.read())
    torch.set_num_threads(request["threads"])
    way = WAYS[request["way"]]
    network, batch = (request["backbone"], request["width"]), request["batch"]
    rate = (
        pairs_per_second(*network, batch, CROP, STEPS, WARM_UP)
        if way is None
        else our_step(*network, batch, *way)
    )
    print(json.dumps({"pairs_per_s": rate}))


def measure(backbone: str, width: float, given: argparse.Namespace) -> dict[str, list[float]]:
    """Pairs a second of every way, a value a round."""
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(given.rounds):
        for way, values in taken.items():
            request: dict[str, Any] = {
                "backbone": backbone,
                "width": width,
                "way": way,
                "threads": given.threads,
                "batch": given.batch,
            }
            out, _ = run_watched([sys.executable, __file__, "--worker"], request)
            values.append(json.loads(out.splitlines()[-1])["pairs_per_s"])
    return taken


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all backbones and write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--widths", type=float, nargs="+", default=[0.25, 1.0])
    parser.add_argument("--backbones", nargs="+", choices=BACKBONES, default=BACKBONES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=BATCH, help="pairs in a step")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        worker()
        return
    path = given.docs / "steps.json"
    results = json.loads(path.read_text()) if path.is_file() else []
    for width in given.widths:
        for backbone in given.backbones:
            taken = measure(backbone, width, given)
            new = [
                {"backbone": backbone, "width": width, "batch": given.batch, "way": way}
                | {"threads": given.threads, "pairs_per_s": values}
                for way, values in taken.items()
            ]
            print("\n".join(rows(new)), flush=True)
            others = [
                one for one in results if (one["backbone"], one["width"]) != (backbone, width)
            ]
            results = sorted([*others, *new], key=lambda one: (one["width"], one["backbone"]))
            write_page(given.docs, "steps", page(results), results)


def rows(results: Sequence[dict[str, Any]]) -> list[str]:
    """Lines of the table; ratios are to the plain loop of the same network."""
    plain = {
        (one["backbone"], one["width"]): one["pairs_per_s"]
        for one in results
        if one["way"] == "plain loop"
    }
    return [
        f"| {one['backbone']} | {one['width']} | {one['batch']} | {one['way']} "
        f"| {statistics.median(one['pairs_per_s']):.2f} "
        f"| {ratio_of_rounds(one['pairs_per_s'], plain[one['backbone'], one['width']]):.2f} |"
        for one in results
    ]


def page(results: Sequence[dict[str, Any]]) -> list[str]:
    """The page of all networks measured so far."""
    return [
        "# Training steps on a processor",
        "",
        "    make bench-steps",
        "",
        f"Pairs a second; pairs of 2 × 16 × {CROP} × {CROP}, {results[0]['threads']} threads, "
        "medians of rounds in turns, ratios to the plain loop (`benchmarks/plain_loop.py`) of the "
        "same round. Between it and ours: each idea alone.",
        "",
        "| backbone | width | pairs in a step | way | pairs/s | times the plain loop |",
        "|---|---|---|---|---|---|",
        *rows(results),
    ]


if __name__ == "__main__":
    main()
