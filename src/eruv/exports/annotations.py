"""The shots of a library as annotations, for tools in which people label videos."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from eruv.exports.folder import ExportFolder
from eruv.exports.tables import committed, moment_tables
from eruv.library.catalogue import Library
from eruv.library.rows import SCHEMAS
from eruv.utils.atomic import replace_text
from eruv.utils.storage.remote_path import is_remote

ROWS = 10_000  # at once
SHOT = "shot"
PLACES = "data.json"
Paths = Mapping[str, Sequence[Path]]  # of the videos by their ids
Detections = dict[str, list[dict[str, Any]]]  # of each video
LABEL_STUDIO_CONFIG = """<View>
  <TimelineLabels name="shots" toName="video"><Label value="shot"/></TimelineLabels>
  <Video name="video" value="$video" frameRate="$frames_per_second" timelineHeight="120"/>
</View>
"""


def export_fiftyone(library: Library, folder: ExportFolder, paths: Paths) -> dict[Path, int]:
    """Write FiftyOneTemporalDetectionDatasets: labels.json has the shots, and segments.json.

    Where there are vectors, moments.json has their windows, and with each the row of
    moments.parquet that has the vector. data.json says where the videos are, which FiftyOne opens
    there. Frames are given rather than times, of which FiftyOne makes ranges that overlap.

    Returns:
        Shots, segments and moments by file.
    """
    shots: Detections = {}
    places: dict[str, str] = {}
    for row, path in _videos(library, paths):
        ranges = zip(row["shots"], row["shots_s"], strict=True)
        shots[row["video_id"]] = [
            _detection(*frames, start_s=times[0], end_s=times[1]) for frames, times in ranges
        ]
        places[row["video_id"]] = str(path)
    segments: Detections = {}
    for part in library.segment_batches(SCHEMAS["segments"].names):
        _add(segments, part, places)
    replace_text(folder.path(PLACES), json.dumps(places, indent=1) + "\n")
    written = [
        _write_detections(folder.path("labels.json"), SHOT, shots),
        _write_detections(folder.path("segments.json"), "segment", segments),
    ]
    ids = set(library.video_ids())
    for name, vectors in moment_tables(library).items():
        moments: Detections = {}
        count = 0
        for part in committed(vectors, ids, SCHEMAS["segments"].names):
            _add(moments, part, places, first_row=count)
            count += part.num_rows
        written.append(_write_detections(folder.path(f"{name}.json"), "moment", moments))
    folder.remove_stale("moments*.json")
    return dict(written)


def export_label_studio(library: Library, folder: ExportFolder, paths: Paths) -> dict[Path, int]:
    """Write tasks.json and config.xml: a task for each video, its shots as predictions.

    Videos are named as files that Label Studio serves from its local storage, or as objects.

    Returns:
        Shots by file.
    """
    tasks, shots = [], 0
    for row, path in _videos(library, paths):
        shots += len(row["shots_s"])
        regions = [_region(number, row, *shot) for number, shot in enumerate(row["shots_s"])]
        served = f"/data/local-files/?d={quote(path.as_posix().lstrip('/'))}"
        tasks.append(
            {
                "data": {
                    "video": str(path) if is_remote(path) else served,
                    "frames_per_second": row["frames_per_second"],
                },
                "predictions": [{"model_version": "eruv shots", "result": regions}],
            }
        )
    written = folder.path("tasks.json")
    replace_text(written, json.dumps(tasks, indent=1) + "\n")
    replace_text(folder.path("config.xml"), LABEL_STUDIO_CONFIG)
    return {written: shots}


def _detection(start: int, end: int, **attributes: Any) -> dict[str, Any]:
    """A temporal detection; frames of FiftyOne count from 1, both ends are inside."""
    return {"label": 0, "support": [start + 1, end], "attributes": attributes}


def _add(
    to: Detections, rows: pa.Table, known: Mapping[str, str], first_row: int | None = None
) -> None:
    """Append those of known videos, with the numbers of the rows if a first one is given."""
    for number, row in enumerate(rows.to_pylist(), start=first_row or 0):
        if row["video_id"] in known:
            attributes = {"start_s": row["start_s"], "end_s": row["end_s"]}
            if first_row is not None:
                attributes["row"] = number
            one = _detection(row["start"], row["end"], **attributes)
            to.setdefault(row["video_id"], []).append(one)


def _write_detections(path: Path, label: str, detections: Detections) -> tuple[Path, int]:
    replace_text(path, json.dumps({"classes": [label], "labels": detections}, indent=1) + "\n")
    return path, sum(map(len, detections.values()))


def _region(number: int, video: dict[str, Any], start_s: float, end_s: float) -> dict[str, Any]:
    """A shot on the timeline; frames there count from 1, both ends are inside.

    Label Studio counts them by time at the video's rate, so where frames are missing or the rate
    changes, they are not those that a decoder counts.
    """
    first, end = (
        round((time_s - video["start_s"]) * video["frames_per_second"])
        for time_s in (start_s, end_s)
    )
    return {
        "id": f"shot-{number + 1}",
        "type": "timelinelabels",
        "from_name": "shots",
        "to_name": "video",
        "value": {
            "ranges": [{"start": first + 1, "end": max(end, first + 1)}],
            "timelinelabels": [SHOT],
        },
    }


def _videos(library: Library, paths: Paths) -> Iterator[tuple[dict[str, Any], Path]]:
    """Rows of the videos whose files are known, with the first of their paths."""
    for row in library.rows("videos", SCHEMAS["videos"].names, ROWS):
        if row["video_id"] in paths:
            yield row, paths[row["video_id"]][0]
