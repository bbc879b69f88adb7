"""The shots of a library as annotations, for tools in which people label videos."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eruv.exports.folder import ExportFolder
from eruv.library.catalogue import Library
from eruv.library.rows import SCHEMAS
from eruv.utils.atomic import replace_text

ROWS = 10_000  # at once
SHOT = "shot"
Paths = Mapping[str, Sequence[Path]]  # of the videos by their ids
LABEL_STUDIO_CONFIG = """<View>
  <TimelineLabels name="shots" toName="video"><Label value="shot"/></TimelineLabels>
  <Video name="video" value="$video" frameRate="$frames_per_second" timelineHeight="120"/>
</View>
"""


def export_fiftyone(library: Library, folder: ExportFolder, paths: Paths) -> dict[Path, int]:
    """Write labels.json and data.json of a FiftyOneTemporalDetectionDataset.

    data.json says where the videos are, which FiftyOne opens there.

    Returns:
        Shots by file.
    """
    labels, places, shots = {}, {}, 0
    for row, path in _videos(library, paths):
        labels[row["video_id"]] = [{"label": 0, "timestamps": times} for times in row["shots_s"]]
        places[row["video_id"]] = str(path)
        shots += len(row["shots_s"])
    texts = {"labels.json": {"classes": [SHOT], "labels": labels}, "data.json": places}
    files = {name: folder.path(name) for name in texts}
    for name, content in texts.items():
        replace_text(files[name], json.dumps(content, indent=1) + "\n")
    return {files["labels.json"]: shots}


def export_label_studio(library: Library, folder: ExportFolder, paths: Paths) -> dict[Path, int]:
    """Write tasks.json and config.xml: a task for each video, its shots as predictions.

    Videos are named as files that Label Studio serves from its local storage.

    Returns:
        Shots by file.
    """
    tasks, shots = [], 0
    for row, path in _videos(library, paths):
        shots += len(row["shots"])
        regions = [_region(number, *shot) for number, shot in enumerate(row["shots"])]
        tasks.append(
            {
                "data": {
                    "video": f"/data/local-files/?d={quote(path.as_posix().lstrip('/'))}",
                    "frames_per_second": row["frames_per_second"],
                },
                "predictions": [{"model_version": "eruv shots", "result": regions}],
            }
        )
    written = folder.path("tasks.json")
    replace_text(written, json.dumps(tasks, indent=1) + "\n")
    replace_text(folder.path("config.xml"), LABEL_STUDIO_CONFIG)
    return {written: shots}


def _region(number: int, start: int, end: int) -> dict[str, Any]:
    """A shot on the timeline; frames there count from 1, both ends are inside."""
    return {
        "id": f"shot-{number + 1}",
        "type": "timelinelabels",
        "from_name": "shots",
        "to_name": "video",
        "value": {"ranges": [{"start": start + 1, "end": end}], "timelinelabels": [SHOT]},
    }


def _videos(library: Library, paths: Paths) -> Iterator[tuple[dict[str, Any], Path]]:
    """Rows of the videos whose files are known, with the first of their paths."""
    for part in library.batches("videos", SCHEMAS["videos"].names, ROWS):
        for row in part.to_pylist():
            if row["video_id"] in paths:
                yield row, paths[row["video_id"]][0]
