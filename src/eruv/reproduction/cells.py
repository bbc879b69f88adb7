"""Tables: rows of cells, each with a published value and the experiments that measure it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from statistics import fmean, stdev
from typing import Any, Self

from eruv.evaluation.bootstrap import Difference
from eruv.reproduction.experiments import Experiment

# For each seed, the experiments whose mean is its value: one for each split of a data set.
SeedRuns = tuple[tuple[Experiment, ...], ...]
ResultOf = Callable[[Experiment], dict[str, Any] | None]

# What stands where there is no value.
NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """A published value and the measured ones, in per cent.

    Attributes:
        published: None where the paper has no such value.
        runs: what measures it.
        metric: where the value is in the result of a run, as a path of names.
        per_seed: measured values, see `filled`.
        comparable: whether they were measured with the paper's settings on its data.
    """

    published: float | None = None
    runs: SeedRuns = ()
    metric: tuple[str, ...] = ()
    per_seed: tuple[float, ...] = ()
    comparable: bool = True

    @property
    def splits(self) -> int:
        """How many splits the value of a seed is the mean of."""
        return max(map(len, self.runs), default=1)

    @property
    def mean(self) -> float | None:
        return fmean(self.per_seed) if self.per_seed else None

    @property
    def spread(self) -> float | None:
        """Standard deviation over seeds (n - 1); None for fewer than two."""
        return stdev(self.per_seed) if len(self.per_seed) > 1 else None

    @property
    def difference(self) -> float | None:
        """Measured minus published; None where the two cannot be compared."""
        if self.mean is None or self.published is None or not self.comparable:
            return None
        return self.mean - self.published

    def filled(self, result_of: ResultOf, comparable: bool = True) -> Self:
        """With measured values; a seed that lacks the result of a split has none.

        Args:
            result_of: the result of an experiment; None while there is none.
            comparable: see `Cell`.
        """
        values = []
        for experiments in self.runs:
            found = [_value(result_of(one), self.metric) for one in experiments]
            shares = [share for share in found if share is not None]
            if shares and len(shares) == len(found):
                values.append(100 * fmean(shares))
        return replace(self, per_seed=tuple(values), comparable=comparable)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "published": self.published,
            "measured": self.mean,
            "spread": self.spread,
            "difference": self.difference,
            "per_seed": list(self.per_seed),
            "seeds": len(self.per_seed),
            "planned_seeds": len(self.runs),
            "splits": self.splits,
        }


@dataclass(frozen=True)
class TableRow:
    """A title and a cell for each column; `beyond` marks later works under other protocols."""

    title: str
    cells: tuple[Cell, ...]
    beyond: bool = False


@dataclass(frozen=True)
class RowDifference:
    """One row minus another, on the same test videos; None where that has no meaning."""

    title: str
    values: tuple[Difference | None, ...]


@dataclass(frozen=True)
class Table:
    """A table of the paper, or beyond it.

    Attributes:
        name: as on the command line.
        title: for people.
        columns: titles, without that of the rows.
        rows: with as many cells each as there are columns.
        notes: sentences below it.
        pairs: titles of rows whose difference is given, first minus second.
        differences: of these pairs, with a value for each column.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    differences: tuple[RowDifference, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError(f"every row of {self.name} has {len(self.columns)} cells")

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(cell for row in self.rows for cell in row.cells)

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """All that measures its cells; some may come more than once."""
        return tuple(one for cell in self.cells for of_seed in cell.runs for one in of_seed)

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a published value nor anything that could be measured."""
        return not self.experiments and all(cell.published is None for cell in self.cells)

    @property
    def missing_cells(self) -> int:
        """Cells that have fewer measured seeds than they should."""
        return sum(len(cell.per_seed) < len(cell.runs) for cell in self.cells)

    @property
    def seeds_note(self) -> str:
        """How many seeds each row was measured with, as a sentence."""
        rows_by_count: dict[str, list[str]] = {}
        for row in self.rows:
            counts = [len(cell.per_seed) for cell in row.cells if cell.runs]
            if any(counts):
                least, most = min(counts), max(counts)
                text = f"{least}" if least == most else f"{least} to {most}"
                rows_by_count.setdefault(text, []).append(row.title)
        if not rows_by_count:
            return "Nothing was measured yet."
        if len(rows_by_count) == 1:
            return f"Seeds: {next(iter(rows_by_count))} in every measured row."
        parts = [f"{count} in {', '.join(rows)}" for count, rows in sorted(rows_by_count.items())]
        return f"Seeds: {'; '.join(parts)}."

    def filled(
        self, result_of: ResultOf, comparable: bool = True, notes: Iterable[str] = ()
    ) -> Self:
        """With measured values, see `Cell.filled`, and further notes."""
        rows = tuple(
            replace(row, cells=tuple(cell.filled(result_of, comparable) for cell in row.cells))
            for row in self.rows
        )
        return replace(self, rows=rows, notes=(*self.notes, *notes))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "columns": list(self.columns),
            "rows": [
                {
                    "title": row.title,
                    "beyond": row.beyond,
                    "cells": [cell.to_dict() for cell in row.cells],
                }
                for row in self.rows
            ],
            "notes": list(self.notes),
            "differences": [asdict(one) for one in self.differences],
            "seeds": self.seeds_note,
        }


def signed(points: float) -> str:
    """A difference in points, with one digit."""
    return f"{points:+.1f}".replace("-", "−")


def _value(result: dict[str, Any] | None, path: tuple[str, ...]) -> float | None:
    """The number at a path of names; None where a name has no value."""
    found: Any = result
    for name in path:
        if found is None:
            return None
        found = found.get(name)
    if found is None or not math.isfinite(found):
        return None
    return float(found)
