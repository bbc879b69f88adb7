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
COLUMNS = ("video", "frame", "start_s", "score", "transition", "confidence")
EARLIER_COLUMNS = COLUMNS[:4]  # by which tables of earlier versions are recognised, too
MADE_BY = {b"made_by": b"eruv shots"}


class ScoreTable(ExitStack):
    """A file with a row for each analysed frame; complete when its block ends.

    Its columns are the video's path, the frame's number and start in seconds, and how much it
    looks like the first one of a shot; then the kind of the transition that it lies in, or of the
    cut just before it, and how likely that kind is.

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
        kinds, confidences = _by_frame(shots)
        starts_s, scores = shots.times_s[shots.first :], shots.scores[shots.first :]
        if self._text is not None:
            csv.writer(self._text).writerows(
                (video, frame, f"{start_s:.6f}", f"{score:.6f}", kind, _written(sure))
                for frame, start_s, score, kind, sure in zip(
                    frames, starts_s, scores, kinds, confidences, strict=True
                )
            )
            return
        import pyarrow

        videos = pyarrow.repeat(video, len(frames)).dictionary_encode()
        columns = [videos, pyarrow.array(frames, pyarrow.int64()), starts_s, scores]
        columns += [pyarrow.array(kinds).dictionary_encode()]
        columns += [pyarrow.array(confidences, pyarrow.float32())]
        self._parquet.write_table(pyarrow.table(columns, schema=_schema()))


def _by_frame(shots: ShotList) -> tuple[list[str], list[float | None]]:
    """Kind and confidence of the transition at each analysed frame; "" and None if none."""
    count = shots.num_frames - shots.first
    kinds: list[str] = [""] * count
    confidences: list[float | None] = [None] * count
    for one in shots.transitions:
        for frame in range(one.start, max(one.end, one.start + 1)):
            kinds[frame - shots.first] = one.kind
            confidences[frame - shots.first] = one.confidence
    return kinds, confidences


def _written(confidence: float | None) -> str:
    return "" if confidence is None else f"{confidence:.6f}"


def is_own_table(path: Path) -> bool:
    """Whether a file is a table of scores that `eruv shots` wrote."""
    if path.suffix.lower() == ".csv":
        return has_mark(path, ",".join(EARLIER_COLUMNS))
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
            ("transition", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
            ("confidence", pyarrow.float32()),
        ],
        MADE_BY,
    )
