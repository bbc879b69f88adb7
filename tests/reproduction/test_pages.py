"""Cells against numpy, and the three forms of a table against one another.

Covers also: cells.
"""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.reproduction.cells import Cell, Table, TableRow
from eruv.reproduction.pages import cell_text, csv_text, html, markdown


def measured(published, *values, seeds=None):
    """A cell with a value for each of so many seeds, or for fewer."""
    return Cell(published, ((),) * (seeds or len(values)), per_seed=values)


percents = st.floats(0, 100, allow_nan=False)


@given(st.lists(percents, min_size=1, max_size=5), percents)
def test_mean_spread_and_difference_are_numpys(values, published):
    cell = measured(published, *values)
    assert cell.mean == pytest.approx(np.mean(values))
    assert cell.difference == pytest.approx(np.mean(values) - published)
    if len(values) == 1:
        assert cell.spread is None
    else:
        assert cell.spread == pytest.approx(np.std(values, ddof=1), abs=1e-9)


def test_a_cell_says_what_there_is():
    assert cell_text(measured(65.0, 60.0, 62.0)) == "61.0 ± 1.4 [65.0, −4.0]"
    assert cell_text(measured(65.0, 66.0)) == "66.0 [65.0, +1.0]"
    assert cell_text(replace(measured(65.0, 66.0), comparable=False)) == "66.0 [65.0]"
    assert cell_text(Cell(65.0)) == "[65.0]"
    assert cell_text(measured(None, 66.0)) == "66.0"
    assert cell_text(Cell(None)) == "–"


@pytest.fixture
def table():
    rows = (
        TableRow("C3D (random)", (measured(16.7, 20.0, 24.0, 25.0), measured(27.5, 41.5, seeds=3))),
        TableRow("C3D (ERUV) <b>", (Cell(25.2), measured(None, 50.123456))),
        TableRow("CoCLR", (Cell(51.8), Cell(None)), beyond=True),
    )
    return Table("table5", "Table V: retrieval", ("top 1", "top 5"), rows, ("A note.",))


def test_markdown_csv_and_html_hold_the_same_numbers(table):
    text = markdown([table], [], "Scale: small.")
    page = html("Table V", [table], [], "Scale: small.", [])
    rows = list(csv.DictReader(io.StringIO(csv_text([table], "small", comparable=True))))
    cells = [cell for row in table.rows for cell in row.cells]
    assert len(rows) == len(cells) == 6
    shown_in_page = re.findall(r"<td class=\"number\">(.*?)</td>", page, re.DOTALL)
    lines = [line for line in text.splitlines() if re.match(r"\| \*?C", line)]
    shown_in_text = [word.strip() for line in lines for word in line.split("|")[2:4]]
    for cell, row, in_page, in_text in zip(cells, rows, shown_in_page, shown_in_text, strict=True):
        assert in_text == cell_text(cell)
        for name, value in (
            ("published", cell.published),
            ("measured", cell.mean),
            ("spread", cell.spread),
            ("difference", cell.difference),
        ):
            assert row[name] == ("" if value is None else repr(round(value, 6)))
            if value is not None:
                assert f"{abs(value):.1f}" in in_page
                assert f"{abs(value):.1f}" in in_text
        assert int(row["seeds"]) == len(cell.per_seed)


def test_works_beyond_the_paper_are_marked_in_every_form(table):
    assert "*CoCLR*" in markdown([table], [], "")
    assert '<tr class="beyond">' in html("x", [table], [], "", [])
    assert csv_text([table], "small", comparable=True).splitlines()[-1].endswith("other,,")


def test_the_page_loads_nothing_and_escapes_titles(table):
    page = html(
        "Table V",
        [table],
        [],
        "<i>",
        [
            {"title": "t", "key": "k", "seconds": 1.0}
            | {"settings": {"a": "</code>"}, "result": {}, "feasibility": None}
        ],
    )
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    assert "C3D (ERUV) &lt;b&gt;" in page
    assert '</code>"' not in page


def test_the_number_of_seeds_is_said(table):
    assert table.seeds_note == "Seeds: 1 in C3D (ERUV) <b>; 1 to 3 in C3D (random)."
    assert table.to_dict()["rows"][0]["cells"][0]["per_seed"] == [20.0, 24.0, 25.0]
