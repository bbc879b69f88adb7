"""The scores of all frames of all videos as one table, CSV or Parquet."""

import csv
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from eruv.detection.detect import ShotList
from eruv.detection.export.own_files import has_mark
from eruv.utils.atomic import whole_file
from eruv.utils.paths import printable

SUFFIXES = (".csv", ".parquet")
COLUMNS = ("video", "frame", "start_s", "score")
MADE_BY = {b"made_by": b"eruv shots"}


class ScoreTable(ExitStack):
    """A file that gets a row for each frame that was looked at; whole when its block ends.

    Its columns are the video's path, the frame's number and start in seconds, and how much it
    looks like the first one of a shot.

    Args:
        path: of the table; its suffix, .csv or .parquet, says what it is.

    Raises:
        OSError: if it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        partial = self.enter_context(whole_file(path))
        if path.suffix.lower() == ".csv":
            self._text: TextIO | None = self.enter_context(
                partial.open("w", encoding="utf-8", newline="")
            )
            csv.writer(self._text).writerow(COLUMNS)
        else:
            import pyarrow.parquet

            self._text = None
            schema = _schema()
            self._parquet = self.enter_context(pyarrow.parquet.ParquetWriter(partial, schema))

    def add(self, shots: ShotList) -> None:
        """Append the frames of a video."""
        video = printable(shots.path)
        frames = range(shots.first, shots.num_frames)
        starts_s, scores = shots.times_s[shots.first :], shots.scores[shots.first :]
        if self._text is not None:
            csv.writer(self._text).writerows(
                (video, frame, f"{start_s:.6f}", f"{score:.6f}")
                for frame, start_s, score in zip(frames, starts_s, scores, strict=True)
            )
            return
        import pyarrow

        videos = pyarrow.repeat(video, len(frames)).dictionary_encode()
        columns = [videos, pyarrow.array(frames, pyarrow.int64()), starts_s, scores]
        self._parquet.write_table(pyarrow.table(columns, schema=_schema()))


def is_own_table(path: Path) -> bool:
    """Whether a file is a table of scores that `eruv shots` wrote."""
    if path.suffix.lower() == ".csv":
        return has_mark(path, ",".join(COLUMNS))
    import pyarrow
    import pyarrow.parquet

    try:
        metadata = pyarrow.parquet.read_schema(path).metadata or {}
    except (OSError, pyarrow.ArrowException):
        return False
    return bool(metadata.items() >= MADE_BY.items())


def _schema() -> Any:
    import pyarrow

    return pyarrow.schema(
        [
            ("video", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
            ("frame", pyarrow.int64()),
            ("start_s", pyarrow.float64()),
            ("score", pyarrow.float32()),
        ],
        MADE_BY,
    )
