"""Training steps: pairs a second of ours beside a plain loop, and what each idea adds alone.

python benchmarks/steps.py [--widths 0.25 1.0] [--docs docs/benchmarks]
"""

import argparse
import json
import statistics
import sys
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


def worker() -> None:
    """Measure one way; prints pairs a second."""
    import torch

    from our_step import measure_ours
    from plain_loop import pairs_per_second

    request = json.loads(sys.stdin.read())
    torch.set_num_threads(request["threads"])
    way = WAYS[request["way"]]
    network, batch = (request["backbone"], request["width"]), request["batch"]
    profile: dict[str, float] = {}
    if way is None:
        rate = pairs_per_second(*network, batch, CROP, STEPS, WARM_UP)
    else:
        rate, profile = measure_ours(*network, batch, CROP, STEPS, WARM_UP, way)
    print(json.dumps({"pairs_per_s": rate, "profile": profile}))


def measure(backbone: str, width: float, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Pairs a second of every way, a value a round; and where the time of a step goes."""
    taken: list[dict[str, Any]] = [
        {"backbone": backbone, "width": width, "batch": given.batch, "way": way}
        | {"threads": given.threads, "pairs_per_s": []}
        for way in given.ways
    ]
    for _ in range(given.rounds):
        for one in taken:
            request = {name: value for name, value in one.items() if name != "pairs_per_s"}
            out, _ = run_watched([sys.executable, __file__, "--worker"], request)
            answer = json.loads(out.splitlines()[-1])
            one["pairs_per_s"].append(answer["pairs_per_s"])
            one["profile"] = answer["profile"]
    return taken


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all backbones and write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--widths", type=float, nargs="+", default=[0.25, 1.0])
    parser.add_argument("--backbones", nargs="+", choices=BACKBONES, default=BACKBONES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=BATCH, help="pairs in a step")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        worker()
        return
    path = given.docs / "steps.json"
    results = json.loads(path.read_text())["results"] if path.is_file() else []
    for width in given.widths:
        for backbone in given.backbones:
            new = measure(backbone, width, given)
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
        "",
        "Where the time of one of our steps goes (share of the processor's time by operator, from "
        "torch's profiler):",
        "",
        "| backbone | width | operators |",
        "|---|---|---|",
        *(
            f"| {one['backbone']} | {one['width']} | {shares(one['profile'])} |"
            for one in results
            if one["way"] == "ours" and one.get("profile")
        ),
    ]


def shares(profile: dict[str, float]) -> str:
    """For people."""
    return ", ".join(f"{name} {share:.0%}" for name, share in profile.items())


if __name__ == "__main__":
    main()
