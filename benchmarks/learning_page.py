"""The page of what was learned: a row for each encoder, mean and spread over seeds."""

import re
import shlex
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

Figures = Mapping[str, float]


def cell(values: Sequence[float | None]) -> str:
    """Mean ± standard deviation over the seeds that have a value.

    A relation that the held-out videos of a seed cannot show has none.
    """
    known = [value for value in values if value is not None]
    spread = f" ± {stdev(known):.2f}" if len(known) > 1 else ""
    return f"{fmean(known):.2f}{spread}" if known else "–"


def task_table(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Accuracy of each class of ERUV's task on held-out pairs, as Table I."""
    rows = {lever: found for lever, found in runs.items() if "C_S" in found[0].get("relations", {})}
    if not rows:
        return []
    names = list(next(iter(rows.values()))[0]["relations"])
    lines = ["", f"| relation accuracy | seeds | mean | {' | '.join(names)} |"]
    lines.append("|---" * (len(names) + 3) + "|")
    for lever, found in rows.items():
        cells = [cell([run["accuracy"] for run in found])]
        cells += [cell([run["relations"][name] for run in found]) for name in names]
        lines.append(f"| {lever} | {len(found)} | {' | '.join(cells)} |")
    return lines


def value_table(
    runs: Mapping[str, Sequence[Mapping[str, Any]]], test: str, largest_class: float
) -> list[str]:
    """What the features are worth on a labelled set, one class of which is the largest share."""
    rows: dict[str, list[Figures]] = {}
    for lever, found in runs.items():
        for run in found:
            for name, figures in run["worth"].get(test, {}).items():
                row = rows.setdefault(_title(lever, run, name), [])
                # Levers share an untrained network of the same seed, and colour has no seed.
                shared = figures in row or (name == "colour" and row)
                if name.startswith("trained") or not shared:
                    row.append(figures)
    if not rows:
        return []
    names = list(next(iter(rows.values()))[0])
    head = f"{test} (largest class {largest_class:.2f})"
    lines = ["", f"| {head} | seeds | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for title, found in rows.items():
        cells = [cell([figures[name] for figures in found]) for name in names]
        lines.append(f"| {title} | {len(found)} | {' | '.join(cells)} |")
    return lines


def _title(lever: str, run: Mapping[str, Any], name: str) -> str:
    """The row of one set of figures of a run."""
    larger = ", larger pictures" * (run["lever"] == "laptop")
    if name == "trained":
        return lever
    if name == "trained, one frame":
        return f"{lever}, one frame repeated"
    if name == "colour":
        return f"colour histogram{larger}"
    backbone = f", {run['backbone']}" * (run["backbone"] != "c3d")
    return f"{name} ({run['input']}{backbone}{larger})"


def command(arguments: str, runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """What measures the rows of C3D at the usual length, of those that a page has."""
    measured = [run for found in runs.values() for run in found]
    seeds = ",".join(str(seed) for seed in sorted({run["seed"] for run in measured}))
    levers = dict.fromkeys(run["lever"] for run in measured)
    known = [shlex.quote(lever) for lever in levers if not re.search(r"[\d,]+ pairs$", lever)]
    return (
        f"python benchmarks/learning.py --to DIR {arguments} --seeds {seeds} "
        f"--levers {' '.join(known)}"
    )


def page(
    title: str,
    arguments: str,
    runs: Mapping[str, Sequence[Mapping[str, Any]]],
    pairs: int,
    largest_classes: Mapping[str, float],
) -> list[str]:
    """The page as Markdown.

    Args:
        title: of the page.
        arguments: that name the page and its data on the command line.
        runs: what was measured, by lever.
        pairs: the usual number of pairs.
        largest_classes: share of the largest class among the test videos of each labelled set.
    """
    seconds = {lever: fmean(run["seconds"] for run in found) for lever, found in runs.items()}
    return [
        f"# {title}",
        "",
        f"    {command(arguments, runs)}",
        "",
        "Rows of other networks and lengths: the same with `--backbone` and `--pairs`. "
        f"Pre-trainings that see {2 * pairs:,} clips each ({pairs:,} pairs) "
        "where a row says no other number, one thread each; "
        "mean ± standard deviation over seeds. Probes are logistic regressions on frozen features; "
        "5 labels a class are the mean of ten draws.",
        *task_table(runs),
        *(
            line
            for test, share in largest_classes.items()
            for line in value_table(runs, test, share)
        ),
        "",
        "Minutes of a training, with other work on the machine: "
        + ", ".join(f"{lever} {value / 60:.1f}" for lever, value in seconds.items())
        + ".",
    ]
