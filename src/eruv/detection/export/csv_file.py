"""The shots of a video as CSV (RFC 4180, UTF-8)."""

import csv
import io

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import shot_rows
from eruv.detection.export.timecode import written_time

COLUMNS = (
    "shot",
    "start_frame",
    "end_frame",
    "frames",
    "start",
    "end",
    "start_s",
    "end_s",
    "length_s",
    "transition",
    "transition_frames",
    "score",
)


def csv_text(shots: ShotList) -> str:
    """A header, then one line a shot; `end_frame` is the first frame after it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in shot_rows(shots):
        writer.writerow(
            [
                row.shot,
                row.start,
                row.end,
                row.frames,
                written_time(row.start_s),
                written_time(row.end_s),
                f"{row.start_s:.6f}",
                f"{row.end_s:.6f}",
                f"{row.length_s:.6f}",
                row.transition,
                row.transition_frames,
                "" if row.score is None else f"{row.score:.6f}",
            ]
        )
    return text.getvalue()
