"""The comparison as Markdown, as a chart and as data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from shot_annotated import Annotated, score_annotated
from shot_families import WITHOUT_CUTS
from shot_readings import Taken
from shot_rows import Result, Row
from shot_scores import Counts, Score, total

GRADUAL_FAMILIES = ("dissolves", "black-fades", "white-fades", "wipes", "mixed")
CUT_FAMILIES = ("cuts", "similar", "mixed", "bikes.mp4")
# Of films after people's files.
REAL_CUT_FAMILIES = ("soft", "montage", "photographs", "slides", "screens", "zooms", "repeats")
REAL_GRADUAL_FAMILIES = ("soft", "long-dissolves", "pushes", "slides", "turns")


def _rows(results: Sequence[Result]) -> list[Row]:
    found: list[Row] = []
    for result in results:
        if result.row not in found:
            found.append(result.row)
    return found


def scored(results: Sequence[Result], row: Row, families: Sequence[str] | None = None) -> Score:
    """Of a row, over some families or over all."""
    return total(
        result.score
        for result in results
        if result.row == row and (families is None or result.film.family in families)
    )


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        "|" + "---|" * len(head),
        *(f"| {' | '.join(line)} |" for line in lines),
        "",
    ]


def overall_table(results: Sequence[Result]) -> list[str]:
    """Every row over all films."""
    head = [
        *("detector", "setting", "cuts F1 @0", "@1", "@2", "precision @0", "recall @0"),
        *("gradual F1 (ClipShots)", "gradual F1 (either)", "frames covered"),
        "false a minute",
    ]
    lines = []
    for row in _rows(results):
        everything = scored(results, row)
        exact = everything.cuts[0]
        covered = everything.covered / max(1, everything.gradual_frames)
        lines.append(
            [
                *(row.name, row.setting),
                *(f"{counts.f1:.3f}" for counts in everything.cuts),
                *(f"{exact.precision:.3f}", f"{exact.recall:.3f}"),
                *(f"{everything.graduals.f1:.3f}", f"{everything.either.f1:.3f}"),
                f"{covered:.2f}",
                f"{scored(results, row, WITHOUT_CUTS).found_per_minute:.1f}",
            ]
        )
    return _table(head, lines)


def family_table(
    results: Sequence[Result], families: Sequence[str], value: Callable[[Score], str]
) -> list[str]:
    """One number of every row and family."""
    seen = {result.film.family for result in results}
    columns = [family for family in families if family in seen]
    lines = [
        [
            row.name,
            row.setting,
            *(value(scored(results, row, [family])) for family in columns),
            value(scored(results, row, columns)),
        ]
        for row in _rows(results)
    ]
    return _table(["detector", "setting", *columns, "together"], lines)


def cut_f1(one: Score) -> str:
    """At tolerance 0."""
    return f"{one.cuts[0].f1:.3f}"


def either_f1(one: Score) -> str:
    """Of gradual transitions that were found as a range or as a cut."""
    return f"{one.either.f1:.3f}"


def clipshots_f1(one: Score) -> str:
    """Of gradual transitions that were found as a range."""
    return f"{one.graduals.f1:.3f}"


def false_a_minute(one: Score) -> str:
    """In films without transitions."""
    return f"{one.found_per_minute:.1f}"


def verdict(results: Sequence[Result], ours: str) -> list[str]:
    """Our default against the best of PySceneDetect's rows, family by family."""
    everyone = _rows(results)
    (own,) = [
        row
        for row in everyone
        if (row.tool, row.detector, row.setting) == ("eruv", ours, "default")
    ]
    baselines = [row for row in everyone if row.tool == "PySceneDetect"]
    seen = {result.film.family for result in results}
    lines = []
    measures: list[tuple[str, Sequence[str], Callable[[Score], float]]] = [
        ("cuts F1 @0", CUT_FAMILIES, lambda one: one.cuts[0].f1),
        ("and false gradual ranges counted", CUT_FAMILIES, lambda one: one.strict_cuts.f1),
        ("gradual F1 (either)", GRADUAL_FAMILIES, lambda one: one.either.f1),
        ("false a minute, less is better", WITHOUT_CUTS, lambda one: -one.found_per_minute),
    ]
    for title, families, value in measures:
        groups = [[family] for family in families if family in seen]
        for group in [*groups, [family for one in groups for family in one]]:
            mine = value(scored(results, own, group))
            best = max(baselines, key=lambda row: value(scored(results, row, group)))
            theirs = value(scored(results, best, group))
            lines.append(
                [
                    title,
                    group[0] if len(group) == 1 else "together",
                    f"{abs(mine):.3f}",
                    f"{abs(theirs):.3f}",
                    f"{best.name}, {best.setting}",
                    "yes" if mine >= theirs else "**no**",
                ]
            )
    head = ["measure", "family", f"eruv {ours}", "best of PySceneDetect", "which", "at least that"]
    return _table(head, lines)


def chart(results: Sequence[Result]) -> str:
    """F1 of cuts and of gradual transitions, as bars, as an SVG."""
    bars = _rows(results)
    step, left, width = 34, 300, 420
    colours = {"eruv": "#1b7f5c", "PySceneDetect": "#8a8f98", "TransNetV2": "#c77d1e"}
    height = step * len(bars) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 60} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{left}" y="16" fill="#333">F1: cuts at tolerance 0 (dark), '
        "gradual transitions in either form (light)</text>",
    ]
    for number, row in enumerate(bars):
        everything = scored(results, row)
        y = 28 + step * number
        label = escape(f"{row.name}, {row.setting}")
        parts.append(
            f'<text x="{left - 8}" y="{y + 17}" text-anchor="end" fill="#333">{label}</text>'
        )
        for offset, f1, opacity in (
            (0, everything.cuts[0].f1, 1.0),
            (13, everything.either.f1, 0.45),
        ):
            parts += [
                f'<rect x="{left}" y="{y + offset}" width="{width * f1:.1f}" height="12" '
                f'fill="{colours[row.tool]}" opacity="{opacity}"/>',
                f'<text x="{left + width * f1 + 5:.1f}" y="{y + offset + 10}" fill="#333">'
                f"{f1:.3f}</text>",
            ]
    return "\n".join([*parts, "</svg>", ""])


def as_data(results: Sequence[Result]) -> list[dict[str, Any]]:
    """For JSON."""
    return [
        {
            "detector": result.row.name,
            "setting": result.row.setting,
            "film": result.film.path.name,
            "family": result.film.family,
            "score": asdict(result.score),
            "seconds": result.seconds,
            "frames": result.frames,
            "peak_bytes": result.peak_bytes,
        }
        for result in results
    ]


def annotated_table(
    rows: Sequence[Row], films: Mapping[Path, Annotated], taken: Mapping[tuple[str, str], Taken]
) -> list[str]:
    """Every row over the real films: F1 at a tolerance of one frame, by film."""
    names = list(dict.fromkeys(one.name for one in films.values()))
    true = {
        name: sum(len(one.ranges) for one in films.values() if one.name == name) for name in names
    }
    head = ["detector", "setting", "F1 @1", "precision", "recall"]
    head += [f"{name} ({true[name]})" for name in names]
    lines = []
    for row in rows:
        by_name = {
            name: sum(
                (
                    score_annotated(one, row.decide(taken[row.read.name, path.name].reading))
                    for path, one in films.items()
                    if one.name == name and (row.read.name, path.name) in taken
                ),
                Counts(),
            )
            for name in names
        }
        all_counts = sum(by_name.values(), Counts())
        lines.append(
            [
                *(row.name, row.setting, f"{all_counts.f1:.3f}"),
                *(f"{all_counts.precision:.3f}", f"{all_counts.recall:.3f}"),
                *(f"{by_name[name].matched} of {by_name[name].found}" for name in names),
            ]
        )
    return _table(head, lines)
