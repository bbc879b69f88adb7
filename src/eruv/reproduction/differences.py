"""Differences between rows of a table on the same test videos, with their intervals."""

from collections.abc import Sequence
from dataclasses import replace

from eruv.evaluation.bootstrap import Difference, paired_difference
from eruv.reproduction.cells import NOTHING, Cell, ResultOf, RowDifference, Table, signed

# Values that are shares of test videos, of which runs say which were right.
SHARES = (("top1",), ("recall", "1"))
CORRECT = "correct"
DIFFERENCES = (
    "Differences in points, with 95 % intervals of a paired bootstrap over the test videos. They "
    "say what other test videos would change; what another training would, the spread says."
)


def with_differences(table: Table, result_of: ResultOf) -> Table:
    """The table with the differences of its pairs of rows, as far as both are measured.

    Args:
        table: with its pairs.
        result_of: the result of an experiment; None while there is none.
    """
    rows = {row.title: row.cells for row in table.rows}
    found = []
    for first, second in table.pairs:
        cells = zip(rows.get(first, ()), rows.get(second, ()), strict=False)
        values = tuple(_difference(one, other, result_of) for one, other in cells)
        if any(values):
            found.append(RowDifference(f"{first} − {second}", values))
    return replace(table, differences=tuple(found))


def difference_grid(table: Table) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns that have differences, and a line for each pair of rows, its title first."""
    used = [
        number
        for number in range(len(table.columns))
        if any(one.values[number] for one in table.differences)
    ]
    lines = [
        [one.title, *(_points(one.values[number]) for number in used)] for one in table.differences
    ]
    return [table.columns[number] for number in used], lines


def _points(difference: Difference | None) -> str:
    if difference is None:
        return NOTHING
    mean, low, high = (
        signed(100 * value) for value in (difference.mean, difference.low, difference.high)
    )
    return f"{mean} ({low} to {high})"


def _difference(first: Cell, second: Cell, result_of: ResultOf) -> Difference | None:
    """None where a cell is no share of test videos, or where one of the two is not measured."""
    if first.metric not in SHARES or first.metric != second.metric:
        return None
    one, other = _correct(first, result_of), _correct(second, result_of)
    return paired_difference(one, other) if one and other else None


def _correct(cell: Cell, result_of: ResultOf) -> Sequence[Sequence[bool]]:
    """Which test videos were right, split after split, for each seed that has all splits.

    Empty where a seed of the cell's value is of an earlier version, which did not say. A video that
    is in the test lists of several splits (8 % of HMDB51's are) counts in each.
    """
    found = []
    for of_seed in cell.runs:
        results = [result_of(one) for one in of_seed]
        known = [result for result in results if result]
        if not known or len(known) < len(results):
            continue
        if not all(CORRECT in result for result in known):
            return ()
        found.append([right for result in known for right in result[CORRECT]])
    return found
