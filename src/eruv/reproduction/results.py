"""Tables with their measured values, and what was run for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eruv.reproduction.cells import Cell, ResultOf, measured
from eruv.reproduction.wanted import WantedTable


@dataclass(frozen=True)
class FilledRow:
    """A row with published and measured values; `beyond` marks works under other protocols."""

    title: str
    cells: tuple[Cell, ...]
    beyond: bool = False


@dataclass(frozen=True)
class FilledTable:
    """A table with published and measured values, see `WantedTable`."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[FilledRow, ...]
    notes: tuple[str, ...]

    @property
    def seeds_note(self) -> str:
        """How many seeds stand behind the rows, as a sentence."""
        counts: dict[str, list[str]] = {}
        for row in self.rows:
            found = [len(cell.per_seed) for cell in row.cells if cell.wanted_seeds]
            if any(found):
                least, most = min(found), max(found)
                told = f"{least}" if least == most else f"{least} to {most}"
                counts.setdefault(told, []).append(row.title)
        if not counts:
            return "Nothing was measured yet."
        if len(counts) == 1:
            return f"Seeds: {next(iter(counts))} in every measured row."
        parts = [f"{n} in {', '.join(titles)}" for n, titles in sorted(counts.items())]
        return f"Seeds: {'; '.join(parts)}."


def fill(wanted: WantedTable, result_of: ResultOf, comparable: bool = True) -> FilledTable:
    """Put results into a table; `comparable` as in `Cell`."""
    rows = tuple(
        FilledRow(
            row.title,
            tuple(measured(cell, result_of, comparable) for cell in row.cells),
            row.beyond,
        )
        for row in wanted.rows
    )
    return FilledTable(wanted.name, wanted.title, wanted.columns, rows, wanted.notes)


def cell_record(cell: Cell) -> dict[str, Any]:
    """A cell as plain values, in per cent."""
    return {
        "published": cell.published,
        "measured": cell.mean,
        "spread": cell.spread,
        "difference": cell.difference,
        "per_seed": list(cell.per_seed),
        "seeds": len(cell.per_seed),
        "wanted_seeds": cell.wanted_seeds,
        "splits": cell.splits,
    }


def table_record(table: FilledTable) -> dict[str, Any]:
    """A table as plain values."""
    return {
        "name": table.name,
        "title": table.title,
        "columns": list(table.columns),
        "rows": [
            {
                "title": row.title,
                "beyond": row.beyond,
                "cells": [cell_record(cell) for cell in row.cells],
            }
            for row in table.rows
        ],
        "notes": list(table.notes),
        "seeds": table.seeds_note,
    }


def missing_cells(tables: Sequence[FilledTable]) -> int:
    """Cells that were to be measured on more seeds than they were."""
    return sum(
        len(cell.per_seed) < cell.wanted_seeds
        for table in tables
        for row in table.rows
        for cell in row.cells
    )
