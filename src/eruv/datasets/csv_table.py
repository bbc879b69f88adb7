"""A data set as a CSV table with the columns path, label and split."""

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eruv.datasets.labelled_files import SPLITS, LabelledFile, LabelledFiles
from eruv.datasets.problems import counted, first_few, problems_of
from eruv.utils.errors import EruvError
from eruv.utils.paths import as_on_disk, printable

COLUMNS = ("path", "label", "split")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def csv_table(path: Path) -> LabelledFiles:
    """The videos in a table; other columns are ignored.

    Raises:
        EruvError: with file and line, if the table is no UTF-8, lacks a column or a value, has
            an unknown split, or names a file twice; or if none of the files exists.
    """
    path = Path(os.path.abspath(path))
    rows = list(_rows(path))
    if not rows:
        raise EruvError(f"{path} names no file. Write a line for each, with {', '.join(COLUMNS)}.")
    existing = [row for row in rows if os.path.isfile(row.file.path)]
    if not existing:
        raise EruvError(
            f"none of the {counted(len(rows), 'file')} that {path} names is there, for example "
            f"{printable(rows[0].file.path)}. Paths are relative to the folder of the table."
        )
    classes = sorted({row.file.label for row in rows})
    files = tuple(row.file for row in existing)
    problems = []
    found = {row.line for row in existing}
    if missing := [row for row in rows if row.line not in found]:
        shown = first_few([f"line {row.line}: {printable(row.file.path)}" for row in missing])
        problems.append(
            f"Missing: {len(missing):,} of {len(rows):,} files that the table names ({shown}). "
            f"The others are used."
        )
    name = f"{printable(Path(path.name))}, split by its column"
    return LabelledFiles(name, tuple(classes), files, (*problems, *problems_of(classes, files)))


@dataclass(frozen=True)
class _Row:
    """A line of the table.

    Attributes:
        line: its number, from 1.
        written: its path as written.
        file: the labelled file.
    """

    line: int
    written: str
    file: LabelledFile


def _rows(table: Path) -> Iterator[_Row]:
    """All lines of the table after the header, checked.

    Raises:
        EruvError: with file and line.
    """
    # The reader splits lines, since a quoted value may hold line ends.
    reader = csv.reader(io.StringIO(_text(table), newline=""), strict=True, skipinitialspace=True)
    indices: dict[str, int] | None = None
    first: dict[Path, _Row] = {}
    listings: dict[Path, dict[str, str]] = {}
    line = 1
    try:
        for values in reader:
            if indices is None:
                indices = _column_indices(table, values)
            elif values:
                cells = {name: values[n : n + 1] for name, n in indices.items()}
                row = _row(table, line, cells, listings)
                _refuse_duplicate(table, row, first.setdefault(row.file.path, row))
                yield row
            line = reader.line_num + 1
    except csv.Error as error:
        raise EruvError(f"{table}, line {line}: {error}. Correct its quotes.") from error
    if indices is None:
        raise EruvError(f"{table} is empty. Its first line names {', '.join(COLUMNS)}.")


def _text(table: Path) -> str:
    try:
        stored = table.read_bytes()
    except OSError as error:
        raise EruvError(f"cannot read {table}: {error.strerror}. Pass a CSV file.") from error
    try:
        return stored.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = stored.count(b"\n", 0, error.start) + 1
        raise EruvError(
            f"{table}, line {line}: byte 0x{stored[error.start]:02x} is not UTF-8. "
            f"Save the table again as CSV in UTF-8."
        ) from error


def _column_indices(table: Path, header: list[str]) -> dict[str, int]:
    names = [name.strip().casefold() for name in header]
    lacking = [name for name in COLUMNS if names.count(name) != 1]
    if lacking:
        raise EruvError(
            f"{table}, line 1: needs the columns {', '.join(COLUMNS)}, once each and separated by "
            f"commas; {' and '.join(lacking)} cannot be identified in {','.join(header)!r}."
        )
    return {name: names.index(name) for name in COLUMNS}


def _row(
    table: Path, line: int, values: dict[str, list[str]], listings: dict[Path, dict[str, str]]
) -> _Row:
    written, label, split = ("".join(values[name]) for name in COLUMNS)
    label, split = label.strip(), split.strip().casefold()
    place = f"{table}, line {line}"
    for name, value in zip(COLUMNS, (written.strip(), label, split), strict=True):
        if not value:
            raise EruvError(f"{place}: {name} is empty. Each line has {', '.join(COLUMNS)}.")
    if CONTROL.search(label) or "\0" in written:
        raise EruvError(f"{place}: {label!r} of {written!r} is not plain text. Rename it.")
    for known in SPLITS:
        if split == known:
            absolute = as_on_disk(Path(os.path.abspath(table.parent / written)), listings)
            return _Row(line, written, LabelledFile(absolute, label, known))
    raise EruvError(f"{place}: split must be one of {', '.join(SPLITS)}; got {split!r}. Write one.")


def _refuse_duplicate(table: Path, row: _Row, first: _Row) -> None:
    if first is row:
        return
    place = f"{table}, lines {first.line} and {row.line}"
    if first.file.split != row.file.split:
        raise EruvError(
            f"{place}: {row.written!r} is both in train and in test. Remove one of the lines."
        )
    raise EruvError(f"{place}: {row.written!r} is named twice. Remove one of the lines.")
