"""The page of gpu.py: results of all parts so far become gpu.md, gpu.json and gpu.svg."""

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from pages import write_page

Line = dict[str, Any]
SMOOTHED = 20  # steps


def write_results(folder: Path, docs: Path, ends: Sequence[Line]) -> None:
    """Write page, data and figure from the lines that the parts wrote."""
    found = {path.stem: read(path) for path in sorted(folder.glob("*.jsonl"))}
    docs.mkdir(parents=True, exist_ok=True)
    drawn = draw(found, docs / "gpu.svg")
    write_page(docs, "gpu", page(found, ends, drawn), {"parts": list(ends), **found})


def read(path: Path) -> list[Line]:
    """All whole lines of a part."""
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def page(found: dict[str, list[Line]], ends: Sequence[Line], drawn: bool) -> list[str]:
    """The page, of whatever there is."""
    lines = ["# On a GPU", "", "    make gpu", ""]
    for name, section in SECTIONS.items():
        good = [line for line in found.get(name, []) if "error" not in line]
        if good:
            lines += [*section(good), ""]
    if drawn:
        lines += ["![Losses](gpu.svg)", ""]
    lines += ["## Parts", "", "| part | seconds | limit | ended |", "|---|---|---|---|"]
    lines += [
        f"| {one['part']} | {one['seconds']:.0f} | {one['limit_s']:.0f} | {one['ended']} |"
        for one in ends
    ]
    for name, part in found.items():
        for line in part:
            if "error" in line:
                words = " ".join((name, *line["words"]))
                lines += ["", f"What failed in {words}:", "", "```", line["error"].strip(), "```"]
    return lines


def environment(lines: Sequence[Line]) -> list[str]:
    first, *rest = lines
    packages = ", ".join(f"{name} {version}" for name, version in first["packages"].items())
    held = first["library"]
    parts = ", ".join(f"{count} {name}" for name, count in held["parts"].items())
    said = [
        f"{first['card']}, driver {first['driver'].splitlines()[-1]}; CUDA {first['cuda']}, cuDNN "
        f"{first['cudnn']}; {first['cores']} cores, {first['memory_gb']:.0f} GB; Python "
        f"{first['python']}, {packages}.",
        "",
        f"The library has {held['films']} films of {held['frames']:,} frames: {parts}.",
    ]
    if first["packages"].get("lancedb") == "not installed":
        said += ["", "LanceDB is not installed there; Parquet files stand in for its tables."]
    for one in rest:
        said += [
            "",
            f"At best: {one['bf16_tflop_s']:.0f} TFLOP/s in bf16 and {one['float32_tflop_s']:.0f} "
            f"in float32 (matrix product of 8192²), {one['copy_gb_s']:,.0f} GB/s (copy).",
        ]
    return said


def tests(lines: Sequence[Line]) -> list[str]:
    last = lines[-1]
    result = ", ".join(last["counts"]) or "nothing was run"
    shown = [] if last["code"] == 0 else ["", "```", last["output"][-6000:].strip(), "```"]
    return ["## Tests", "", f"`pytest -m gpu`: {result}.", *shown]


def planes(lines: Sequence[Line]) -> list[str]:
    one = lines[-1]
    return [
        "## Planes become RGB",
        "",
        f"Of {one['values']:,} values, {one['values_off']:,} differ from the processor's, by up "
        f"to {one['most_levels_off']} levels.",
    ]


def precision(lines: Sequence[Line]) -> list[str]:
    base = lines[0]["losses"]
    rows = []
    for one in lines:
        losses = one["losses"]
        apart = [abs(a - b) for a, b in zip(losses, base, strict=True)]
        middle = len(base) // 2
        rows.append(
            f"| {one['precision']} | {statistics.fmean(losses[-50:]):.3f} "
            f"| {statistics.fmean(apart[:10]):.4f} | {statistics.fmean(apart[:middle]):.3f} "
            f"| {statistics.fmean(apart[middle:]):.3f} |"
        )
    return [
        "## bf16 and float32",
        "",
        f"The same {len(base)} steps of {lines[0]['batch']} pairs from the same seed, C3D, full "
        f"width, 16×112². How far losses lie from those of the first row, in the mean; the second "
        f"float32 says how far two runs of one seed part by themselves.",
        "",
        "| precision | loss, last 50 | apart, first 10 steps | first half | second half |",
        "|---|---|---|---|---|",
        *rows,
    ]


def steps(lines: Sequence[Line]) -> list[str]:
    rows = ["| backbone | batch | way | steps/s | pairs/s | TFLOP/s | peak GB |", "|" + "---|" * 7]
    for one in lines:
        if "largest" in one:
            continue
        start = f"| {one['backbone']} | {one['batch']} | {one['way']} "
        if "failed" in one:
            rows.append(f"{start}| {one['failed'][:120]} | | | |".replace("\n", " "))
            continue
        rate = statistics.median(one["steps_per_s"])
        rows.append(
            f"{start}| {rate:.2f} | {rate * one['batch']:.0f} | {one['tflop_s']:.1f} "
            f"| {number(one['peak_gb'])} |"
        )
    return [
        "## Training steps",
        "",
        "Pairs of 2 × 16 × 112 × 112, full width; medians of three rounds. `channels last, bf16` "
        "is what `eruv pretrain` does.",
        "",
        *rows,
        "",
        *largest([one for one in lines if "largest" in one]),
    ]


def largest(lines: Sequence[Line]) -> list[str]:
    found: dict[str, str] = {}
    for one in lines:
        if "failed" in one:
            found[one["backbone"]] += f"; {one['largest']} fail: {one['failed'][:90]}"
        else:
            found[one["backbone"]] = (
                f"{one['backbone']}: {one['largest']} pairs fit ({number(one['peak_gb'])} GB, "
                f"{one['pairs_per_s']:.0f} pairs/s)"
            )
    return [f"The largest batch, doubling: {'. '.join(found.values())}."] if found else []


def compiling(lines: Sequence[Line]) -> list[str]:
    said = [f"{one['backbone']} at {one['batch']}: {one['seconds']:.0f} s" for one in lines]
    return [
        f"Compiling with an empty cache, other parts at work beside it: {', '.join(said)}.",
    ]


def loaders(lines: Sequence[Line]) -> list[str]:
    return [
        "## Loaders",
        "",
        f"Clips of training pairs on the device, {lines[0]['cores']} cores.",
        "",
        "| worker processes | clips leave them as | clips/s |",
        "|---|---|---|",
        *(
            f"| {one['workers']} | {'planes' if one['planes'] else 'RGB'} "
            f"| {one['clips_per_s']:,.0f} |"
            for one in lines
        ),
    ]


def training(lines: Sequence[Line]) -> list[str]:
    config = lines[0]["config"]
    said = [
        "## A pre-training",
        "",
        f"{config['backbone']}, width {config['width']}, 16×{config['size']['crop']}², batch "
        f"{config['batch_size']}, {config['optimizer']['name']} at "
        f"{config['optimizer']['learning_rate']}, schedule {config['schedule']['name']}.",
    ]
    for one in lines[1:]:
        done, last = one["done"], one["course"][-1]
        waits = statistics.fmean(line["wait_share"] for line in one["course"])
        rate = statistics.median(line["pairs_per_s"] for line in one["course"])
        said += [
            "",
            f"{done.get('pairs_seen', last['step'] * config['batch_size']):,} pairs in "
            f"{one['wall_s']:.0f} s with start and validations; {rate:.0f} pairs/s between them "
            f"in the median, data wait {waits:.1%}, peak "
            f"{number(one['peak_gb'])} GB; loss at the end {last['loss']:.3f}, training accuracy "
            f"{last['accuracy']:.3f}. {done.get('interrupted', '')}",
            "",
            "| step | validation loss | accuracy |",
            "|---|---|---|",
            *(
                f"| {line['step']} | {line['loss']:.3f} | {line['accuracy']:.3f} |"
                for line in one["validations"]
            ),
        ]
    return said


def relations(lines: Sequence[Line]) -> list[str]:
    one = lines[-1]
    each = ", ".join(f"{name} {share:.2f}" for name, share in one["relations"].items())
    return [
        f"Relations of pairs of held-out films: {one['relation_accuracy']:.3f} (chance "
        f"{one['chance']:.3f}); {each}.",
    ]


def probe(lines: Sequence[Line]) -> list[str]:
    rows = ["| set | encoder | linear probe | nearest neighbours | chance |", "|" + "---|" * 5]
    for one in lines:
        for encoder in ("trained", "untrained"):
            of = one[encoder]
            rows.append(
                f"| {one['set']} | {encoder} | {of['linear_probe']['top1']:.3f} "
                f"| {of['knn_top1']:.3f} | {one['chance']:.3f} |"
            )
    return rows


def retrieval(lines: Sequence[Line]) -> list[str]:
    rows = ["| set | encoder | recall@1 | @5 | @10 | chance@1 | queries |", "|" + "---|" * 7]
    for one in lines:
        recalls = [" | ".join(f"{one['recall'][k]:.3f}" for k in ("1", "5", "10"))]
        rows.append(
            f"| {one['set']} | {one['encoder']} | {recalls[0]} | {one['chance']['1']:.3f} "
            f"| {one['queries']} |"
        )
    return rows


SECTIONS = {
    "environment": environment,
    "tests": tests,
    "planes": planes,
    "precision": precision,
    "steps": steps,
    "compile": compiling,
    "loaders": loaders,
    "training": training,
    "relations": relations,
    "probe": probe,
    "retrieval": retrieval,
}


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def draw(found: dict[str, list[Line]], path: Path) -> bool:
    """Losses of the precisions, and of the pre-training; whether there was anything to draw."""
    curves = [one for one in found.get("precision", []) if "losses" in one]
    courses = [one for one in found.get("training", []) if one.get("course")]
    if not curves and not courses:
        return False
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for one in curves:
        left.plot(smoothed(one["losses"]), label=one["precision"], linewidth=1)
    left.set_title(f"the same steps, means of {SMOOTHED}")
    for one in courses:
        steps_of, losses = zip(*((at["step"], at["loss"]) for at in one["course"]), strict=True)
        right.plot(steps_of, losses, label="training, means of 50 steps", linewidth=1)
        checks = [(at["step"], at["loss"]) for at in one["validations"]]
        if checks:
            right.plot(*zip(*checks, strict=True), "o", label="validation")
    right.set_title("the pre-training")
    for axes in (left, right):
        axes.set_xlabel("step")
        axes.set_ylabel("loss")
        axes.spines[["top", "right"]].set_visible(False)
        if axes.lines:
            axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    return True


def smoothed(losses: Sequence[float]) -> list[float]:
    """Means over the last steps."""
    starts = (max(0, end - SMOOTHED) for end in range(1, len(losses) + 1))
    return [statistics.fmean(losses[first : end + 1]) for end, first in enumerate(starts)]
