"""Commits to a table; on object storage each is made once, whatever becomes of its answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from eruv.library.writing import catalogue_errors, is_for_the_moment
from eruv.utils.storage.bucket import ATTEMPTS, attempts
from eruv.utils.storage.remote_path import is_remote


def append(table: Any, rows: pa.Table, folder: Path) -> None:
    """Add rows to a table.

    A commit to object storage is an object that is made if there is none. Where the answer is
    lost, the database takes its own commit for another writer's, and adds the rows once more after
    it, or fails. There is one writer at a time, so the number of rows tells what has happened.

    Args:
        table: of LanceDB.
        rows: at least one.
        folder: of the library.

    Raises:
        EruvError: if they cannot be written.
    """
    with catalogue_errors(folder):
        if not is_remote(folder):
            table.add(rows)
            return
        before, version = table.count_rows(), table.version
        for attempt in attempts():
            try:
                table.add(rows)
            except RuntimeError as error:
                if attempt == ATTEMPTS or not is_for_the_moment(error):
                    raise
                table.checkout_latest()
            added = table.count_rows() - before
            if added == rows.num_rows:
                return
            if added:
                table.restore(version + 1)
                return


def again(act: Callable[[], Any], folder: Path) -> Any:
    """What a change of a table returns that may be made twice; made again where it failed.

    Args:
        act: deletes rows, or merges files.
        folder: of the library.

    Raises:
        EruvError: if it cannot be made.
    """
    with catalogue_errors(folder):
        if not is_remote(folder):
            return act()
        for attempt in attempts():
            try:
                return act()
            except RuntimeError as error:
                if attempt == ATTEMPTS or not is_for_the_moment(error):
                    raise
    raise AssertionError
