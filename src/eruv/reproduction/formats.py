"""Filled tables and drawn figures as text: Markdown, CSV and HTML."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from eruv.reproduction.cells import Cell, Table, TableRow
from eruv.reproduction.figures import Figure
from eruv.utils.html import page_environment

CSV_COLUMNS = (
    "table",
    "row",
    "column",
    "published",
    "measured",
    "spread",
    "difference",
    "seeds",
    "splits",
    "per_seed",
    "protocol",
    "scale",
    "stand_in",
)
NOTHING = "–"
LEGEND = (
    "In per cent. Measured values: mean ± standard deviation over seeds (n − 1), where there are "
    "two or more; in brackets the published value and, where it was measured on the paper's data "
    "with its settings, the difference, measured minus published."
)


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
    return "" if cell.difference is None else f"{cell.difference:+.1f}".replace("-", "−")


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
    for figure in figures:
        parts += [f"## {figure.title}", f"![{figure.title}]({figure.name}.png)", *figure.notes]
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown_table(table: Table) -> str:
    lines = [_markdown_row(["", *table.columns]), _markdown_row(["---"] * (1 + len(table.columns)))]
    for row in table.rows:
        title = f"*{row.title}*" if row.beyond else row.title
        lines.append(_markdown_row([title, *map(cell_text, row.cells)]))
    return "\n".join(lines)


def _markdown_row(words: Sequence[str]) -> str:
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"


def csv_text(tables: Sequence[Table], scale: str, comparable: bool) -> str:
    """All cells, one a line, unrounded.

    Args:
        tables: filled.
        scale: of the measured values.
        comparable: whether it is the paper's, on its data.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for table in tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                where = [scale, "" if comparable else "yes"] if cell.per_seed else ["", ""]
                writer.writerow([*_csv_row(table, row, column, cell), *where])
    return text.getvalue()


def _csv_row(table: Table, row: TableRow, column: str, cell: Cell) -> list[str]:
    values = (cell.published, cell.mean, cell.spread, cell.difference)
    return [
        table.name,
        row.title,
        column,
        *("" if value is None else repr(round(value, 6)) for value in values),
        str(len(cell.per_seed)),
        str(cell.splits) if cell.per_seed else "",
        " ".join(repr(round(value, 6)) for value in cell.per_seed),
        "other" if row.beyond else "",
    ]


def html(
    title: str,
    tables: Sequence[Table],
    figures: Sequence[Figure],
    setting: str,
    runs: Sequence[dict[str, Any]],
) -> str:
    """One page that needs nothing beside it.

    Args:
        title: of the page.
        tables: filled.
        figures: drawn.
        setting: sentences on how it was measured.
        runs: all that were made for it, see `Runner.describe`.
    """
    return (
        page_environment("eruv.reproduction")
        .get_template("paper.html.j2")
        .render(
            title=title,
            tables=tables,
            figures=figures,
            setting=setting,
            legend=LEGEND,
            runs=runs,
            number=number,
            measured_text=measured_text,
            difference_text=difference_text,
        )
    )
