"""Rows of features on disk, one after another: an interrupted pass continues after the last one.

NAME.npy.part   a whole .npy header and the rows so far; its length says how many
NAME.npy        the same file with all its rows
NAME.json       what the rows are made of; rows made of anything else are thrown away
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from eruv.utils.atomic import read_record, replace_text
from eruv.utils.errors import EruvError, Interrupted
from eruv.utils.signals import stop_requests

Features = NDArray[np.float32]
# From the number of a first row: that row and all after it.
RowsFrom = Callable[[int], Iterable[Features]]


class FeatureFile:
    """An array of float32 on disk, as far as it is written.

    Args:
        path: of the finished array; its suffix is .npy.
        num_rows: of the finished array.
        cache_key: what decides the rows; any JSON.
    """

    def __init__(self, path: Path, num_rows: int, cache_key: dict[str, Any]) -> None:
        self.path, self.num_rows = path, num_rows
        self.partial = path.with_name(f"{path.name}.part")
        note = path.with_suffix(".json")
        if read_record(note) != cache_key:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            self.partial.unlink(missing_ok=True)
            replace_text(note, json.dumps(cache_key, indent=2) + "\n")

    @property
    def rows_done(self) -> int:
        """How many rows need not be made any more."""
        if self.path.exists():
            return self.num_rows
        begin, row_bytes = self._layout()
        return (self.partial.stat().st_size - begin) // row_bytes if row_bytes else 0

    def complete(
        self, rows_from: RowsFrom, on_row: Callable[[int], None] = lambda done: None
    ) -> Features:
        """The whole array, memory-mapped; rows of an earlier call are kept.

        Args:
            rows_from: gives rows of one shape.
            on_row: called with the number of rows done.

        Raises:
            Interrupted: after Ctrl-C or SIGTERM; the rows so far are kept.
            EruvError: for a row that is not finite, or if another process wrote rows as well.
        """
        done = self.rows_done
        if done < self.num_rows:
            with stop_requests() as requests, self.partial.open("ab", buffering=0) as file:
                begin, row_bytes = self._layout()
                # A killed process may have left a part of a row, or a header without rows.
                file.truncate(begin + done * row_bytes if done else 0)
                for row in rows_from(done):
                    self._append(file, row, done)
                    done += 1
                    on_row(done)
                    if requests and done < self.num_rows:
                        raise Interrupted(
                            f"interrupted; {self.path.name} has {done:,} of {self.num_rows:,} "
                            f"rows. Run the same command again to continue."
                        )
        if not self.path.exists():
            self._refuse_other_rows()
            os.replace(self.partial, self.path)
        return np.load(self.path, mmap_mode="r")

    def _refuse_other_rows(self) -> None:
        begin, row_bytes = self._layout()
        size, expected = self.partial.stat().st_size, begin + self.num_rows * row_bytes
        if size != expected:
            self.partial.unlink()
            raise EruvError(
                f"{self.partial} has {size:,} bytes and not {expected:,}: another process wrote to "
                f"it as well. It is deleted; run one command at a time to write it again."
            )

    def _append(self, file: BinaryIO, row: Features, number: int) -> None:
        if not np.isfinite(row).all():
            raise EruvError(
                f"row {number} of {self.path.stem} is not finite: the encoder is damaged, or its "
                f"training diverged. Check its losses, or use an earlier encoder."
            )
        if number == 0:
            shape = (self.num_rows, *row.shape)
            header = {"descr": "<f4", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
        file.write(np.ascontiguousarray(row, "<f4").tobytes())

    def _layout(self) -> tuple[int, int]:
        """Where the rows begin in the unfinished file, and bytes of a row; 0, 0 without any."""
        if not self.partial.exists():
            return 0, 0
        with self.partial.open("rb") as file:
            try:
                np.lib.format.read_magic(file)
                shape, _, _ = np.lib.format.read_array_header_1_0(file)
            except ValueError:  # killed within the header
                return 0, 0
            return file.tell(), 4 * int(np.prod(shape[1:]))
