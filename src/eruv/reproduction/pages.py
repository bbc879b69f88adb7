"""Tables and figures as files: Markdown, CSV, HTML and JSON for each, and for all together."""

import csv
import io
import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from eruv.reproduction.cells import NOTHING, Cell, Table, TableRow, signed
from eruv.reproduction.differences import DIFFERENCES, difference_grid
from eruv.reproduction.figures import Figure
from eruv.reproduction.scales import ABLATED
from eruv.reproduction.study import PLACES, Study
from eruv.utils.atomic import replace_text
from eruv.utils.html import page_environment
from eruv.utils.version import VERSION

TOGETHER = "paper"
LEGEND = (
    "In per cent. Measured values: mean ± standard deviation over seeds (n − 1), where there are "
    "two or more; in brackets the published value and, where it was measured on the paper's data "
    "with its settings, the difference, measured minus published."
)

Run = dict[str, Any]


def write_pages(
    folder: Path,
    tables: Sequence[Table],
    figures: Sequence[Figure],
    runs: Mapping[str, Sequence[Run]],
    study: Study,
) -> list[Path]:
    """Write NAME.md, NAME.csv, NAME.html and NAME.json of each table, and paper.* of all.

    Args:
        folder: where they go.
        tables: filled.
        figures: drawn.
        runs: by the name of a table or figure, see `Runner.describe`.
        study: that they belong to.

    Returns:
        Their paths.
    """
    pages: dict[str, tuple[str, Sequence[Table], Sequence[Figure]]] = {
        **{table.name: (table.title, [table], []) for table in tables},
        **{figure.name: (figure.title, [], [figure]) for figure in figures},
    }
    if len(pages) > 1:
        pages[TOGETHER] = ("The paper, measured again", tables, figures)
    written = [copy for figure in figures for copy in _copies(figure, folder)]
    setting = setting_of(study)
    for name, (title, some, drawn) in pages.items():
        parts = [*(table.name for table in some), *(figure.name for figure in drawn)]
        made = list({run["key"]: run for part in parts for run in runs[part]}.values())
        texts = {
            "md": f"# {title}\n\n" + markdown(some, drawn, setting),
            "html": html(title, some, drawn, setting, made),
            "json": json.dumps(_record(some, made, study), indent=2) + "\n",
        }
        if some:
            texts["csv"] = csv_text(some, study.scale.name, study.comparable)
        for suffix, text in texts.items():
            path = folder / f"{name}.{suffix}"
            replace_text(path, text)
            written.append(path)
    return written


def setting_of(study: Study) -> str:
    """In sentences: at what scale, on what data, with what settings."""
    seeds = ", ".join(map(str, study.seeds))
    sentences = [
        f"Scale: {study.scale.name}.",
        *_data_sentences(study),
        f"Seeds of C3D: {seeds}; of other networks: {study.seeds[0]}.",
        *_training_sentences(study),
        *(note for info in study.data.values() for note in info.notes),
    ]
    return " ".join(sentences)


def _data_sentences(study: Study) -> list[str]:
    titles = [f"{PLACES.get(name, name)}: {info.title}" for name, info in study.data.items()]
    if study.comparable:
        return [f"Data: {'; '.join(titles)}."]
    return [
        "Not the paper's data or settings: published values stand beside the measured ones, and "
        "no differences, which would say nothing.",
        f"In the places of the paper's sets: {'; '.join(titles)}.",
    ]


def _training_sentences(study: Study) -> list[str]:
    """Of C3D; the records have the settings of every run."""
    before = study.scale.pretraining["eruv", ABLATED]
    after = study.scale.finetuning["ucf101", ABLATED]
    length = f"{before.pairs:,} samples" if before.pairs else f"{before.epochs} epochs"
    clips = f"{after.steps} steps" if after.steps else f"{after.epochs} epochs"
    return [
        f"Pre-training: {length} (an ERUV sample has two clips, one of VCOP or VCP three), batches "
        f"of {before.batch_size}, width {before.width:g}, crops of {before.size.crop} pixels.",
        f"Fine-tuning: {clips} in batches of {after.batch_size} clips, ten-clip tests.",
    ]


def _copies(figure: Figure, folder: Path) -> list[Path]:
    """Copy the files of a figure under its own name."""
    copies = [folder / f"{figure.name}{path.suffix}" for path in figure.files]
    for path, copy in zip(figure.files, copies, strict=True):
        shutil.copyfile(path, copy)
    return copies


def _record(tables: Sequence[Table], runs: Sequence[Run], study: Study) -> dict[str, Any]:
    return {
        "scale": study.scale.name,
        "seeds": list(study.seeds),
        "data": {name: asdict(info) for name, info in study.data.items()},
        "tables": [table.to_dict() for table in tables],
        "runs": list(runs),
        "versions": {
            "eruv": VERSION,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "machine": platform.machine(),
        },
    }


def number(value: float | None) -> str:
    """A value in per cent with one digit, as in the paper."""
    return NOTHING if value is None else f"{value:.1f}"


def measured_text(cell: Cell) -> str:
    """Mean and spread."""
    if cell.spread is None:
        return number(cell.mean)
    return f"{number(cell.mean)} ± {number(cell.spread)}"


def difference_text(cell: Cell) -> str:
    """Measured minus published, with its sign."""
    return "" if cell.difference is None else signed(cell.difference)


def cell_text(cell: Cell) -> str:
    """A cell in one line, see `LEGEND`."""
    if cell.mean is None:
        return f"[{number(cell.published)}]" if cell.published is not None else NOTHING
    if cell.published is None:
        return measured_text(cell)
    beside = [number(cell.published), difference_text(cell)]
    return f"{measured_text(cell)} [{', '.join(part for part in beside if part)}]"


def markdown(tables: Sequence[Table], figures: Sequence[Figure], setting: str) -> str:
    """Tables and figures in Markdown.

    Args:
        tables: filled.
        figures: drawn; their pictures are NAME.png beside the text.
        setting: sentences on how it was measured.
    """
    parts = [setting, LEGEND] if tables else [setting]
    for table in tables:
        notes = " ".join([*table.notes, table.seeds_note])
        parts += [f"## {table.title}", _markdown_table(table), notes]
        if table.differences:
            parts += [DIFFERENCES, _markdown_grid(*difference_grid(table))]
    for figure in figures:
        parts += [f"## {figure.title}", f"![{figure.title}]({figure.name}.png)", *figure.notes]
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown_table(table: Table) -> str:
    lines = [
        [f"*{row.title}*" if row.beyond else row.title, *map(cell_text, row.cells)]
        for row in table.rows
    ]
    return _markdown_grid(table.columns, lines)


def _markdown_grid(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---"] * (1 + len(columns))
    return "\n".join(map(_markdown_row, [["", *columns], rule, *lines]))


def _markdown_row(words: Sequence[str]) -> str:
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"


def csv_text(tables: Sequence[Table], scale: str, comparable: bool) -> str:
    """All cells, one per line, unrounded.

    Args:
        tables: filled.
        scale: of the measured values.
        comparable: whether it is the paper's, on its data.
    """
    rows = [
        _csv_row(table, row, column, cell, scale, comparable)
        for table in tables
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _csv_row(
    table: Table, row: TableRow, column: str, cell: Cell, scale: str, comparable: bool
) -> dict[str, str]:
    return {
        "table": table.name,
        "row": row.title,
        "column": column,
        "published": _exact(cell.published),
        "measured": _exact(cell.mean),
        "spread": _exact(cell.spread),
        "difference": _exact(cell.difference),
        "seeds": str(len(cell.per_seed)),
        "splits": str(cell.splits) if cell.per_seed else "",
        "per_seed": " ".join(map(_exact, cell.per_seed)),
        "protocol": "other" if row.beyond else "",
        "scale": scale if cell.per_seed else "",
        "stand_in": "yes" if cell.per_seed and not comparable else "",
    }


def _exact(value: float | None) -> str:
    return "" if value is None else repr(round(value, 6))


def html(
    title: str,
    tables: Sequence[Table],
    figures: Sequence[Figure],
    setting: str,
    runs: Sequence[Run],
) -> str:
    """One page that needs nothing beside it.

    Args:
        title: of the page.
        tables: filled.
        figures: drawn.
        setting: sentences on how it was measured.
        runs: all that were made for it, see `Runner.describe`.
    """
    template = page_environment("eruv.reproduction").get_template("paper.html.j2")
    return template.render(
        title=title,
        tables=tables,
        figures=figures,
        setting=setting,
        legend=LEGEND,
        differences=DIFFERENCES,
        difference_grid=difference_grid,
        runs=runs,
        number=number,
        measured_text=measured_text,
        difference_text=difference_text,
    )
