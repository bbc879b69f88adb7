"""The page of what was learned: a row for each encoder, mean and spread over seeds."""

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


def value_table(runs: Mapping[str, Sequence[Mapping[str, Any]]], test: str) -> list[str]:
    """What the features are worth on a labelled set."""
    rows: dict[str, list[Figures]] = {}
    for lever, found in runs.items():
        for run in found:
            for name, figures in run["worth"].get(test, {}).items():
                beside = run["input"] + f", {run['backbone']}" * (run["backbone"] != "c3d")
                beside += ", larger pictures" * (run["lever"] == "laptop")
                title = lever if name == "trained" else f"{name} ({beside})"
                title = "colour histogram" if name == "colour" else title
                if name == "trained, one frame":
                    title = f"{lever}, one frame repeated"
                one = rows.setdefault(title, [])
                if name == "trained" or figures not in one:
                    one.append(figures)
    if not rows:
        return []
    names = list(next(iter(rows.values()))[0])
    lines = ["", f"| {test} | seeds | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for title, found in rows.items():
        cells = [cell([figures[name] for figures in found]) for name in names]
        lines.append(f"| {title} | {len(found)} | {' | '.join(cells)} |")
    return lines


def page(
    title: str, command: str, runs: Mapping[str, Sequence[Mapping[str, Any]]], pairs: int
) -> list[str]:
    """The page as Markdown."""
    tests = dict.fromkeys(name for found in runs.values() for run in found for name in run["worth"])
    seconds = {lever: fmean(run["seconds"] for run in found) for lever, found in runs.items()}
    return [
        f"# {title}",
        "",
        f"    {command}",
        "",
        f"Pre-trainings that see {2 * pairs:,} clips each ({pairs:,} pairs) "
        "where a row says no other number, one thread each; "
        "mean ± standard deviation over seeds. Probes are logistic regressions on frozen features; "
        "5 labels a class are the mean of ten draws.",
        *task_table(runs),
        *(line for test in tests for line in value_table(runs, test)),
        "",
        "Minutes of a training, with other work on the machine: "
        + ", ".join(f"{lever} {value / 60:.1f}" for lever, value in seconds.items())
        + ".",
    ]
