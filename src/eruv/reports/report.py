"""The report of a run: what went in, what was learned, and how well.

Comes in: a run folder and its library. Goes out: one HTML file that needs no other.
"""

import json
import os
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from eruv import __version__
from eruv.library import Library, printable
from eruv.pretext.eruv import RELATIONS
from eruv.progress import clock
from eruv.reports.charts import bar_chart, confusion_chart, course_chart
from eruv.reports.examples import example_pairs
from eruv.reports.timeline import SHOWN_VIDEOS, timeline_rows
from eruv.training.metrics import read_metrics
from eruv.training.run_folder import RunFolder

RIVALS = {
    "": "trained encoder",
    "_untrained": "untrained encoder",
    "_still": "trained, first frame repeated",
    "_colour": "colour histogram",
}


def report(
    run: Path | str, to: Path | str | None = None, *, library: Path | str | None = None
) -> Path:
    """Write the report of a run, finished or not.

    Args:
        run: folder made by `pretrain`.
        to: the page; `run`/report.html by default.
        library: where the library is now, if it was moved.

    Returns:
        Path of the page.

    Raises:
        EruvError: if there is no such run or library.
    """
    folder = RunFolder(Path(run))
    started = folder.read("run.json")
    opened = Library(Path(library) if library else folder.library_folder)
    path = Path(to) if to else folder.folder / "report.html"
    page = _environment().get_template("report.html.j2").render(_content(folder, started, opened))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(page, encoding="utf-8")
    os.replace(partial, path)
    return path


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("eruv.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["share"] = lambda value: "–" if value is None else f"{value:.3f}"
    environment.filters["clock"] = clock
    return environment


def _content(folder: RunFolder, started: dict[str, Any], library: Library) -> dict[str, Any]:
    config = folder.config
    metrics = read_metrics(folder.folder)
    done = _optional(folder, "done.json")
    held_out = json.loads((folder.held_out_data / "video_ids.json").read_text())
    pairs_per_step = done["pairs_seen"] / done["steps"] if done else config.batch_size
    chance = 1 / len(config.task.relations)
    relations = _optional(folder, "relations.json")
    retrieval = _optional(folder, "retrieval.json")
    last_step = max((line["step"] for line in metrics), default=0)
    return {
        "version": __version__,
        "titles": RELATIONS,
        "chance": chance,
        "done": done,
        "pairs_seen": round(last_step * pairs_per_step),
        "relations": relations,
        "confusion": Markup(
            confusion_chart(relations["confusion"], list(relations["relations"]))
            if relations
            else ""
        ),
        "retrieval": retrieval,
        "rivals": RIVALS,
        "retrieval_chart": Markup(_retrieval_chart(retrieval) if retrieval else ""),
        "totals": _totals(library),
        "files": _files(library),
        "feasibility": started["feasibility"],
        "held_out_by": started["held_out_by"],
        "timeline": timeline_rows(library, held_out if started["held_out_by"] == "videos" else []),
        "shown_videos": SHOWN_VIDEOS,
        "examples": example_pairs(folder, library, config),
        "course": Markup(course_chart(metrics, pairs_per_step, chance) if metrics else ""),
        "settings": _flat(config.to_dict()),
        "versions": started["versions"],
    }


def _optional(folder: RunFolder, name: str) -> dict[str, Any] | None:
    return folder.read(name) if (folder.folder / name).exists() else None


def _retrieval_chart(retrieval: dict[str, Any]) -> str:
    values = {title: retrieval[f"retrieval_top1{key}"] for key, title in RIVALS.items()}
    return bar_chart(values, retrieval["retrieval_chance"])


def _totals(library: Library) -> dict[str, Any]:
    videos = library.videos()
    return {
        "videos": len(videos),
        "shots": sum(len(video["shots"]) for video in videos),
        "segments": sum(video["num_segments"] for video in videos),
        "frames": sum(video["num_frames"] for video in videos),
        "hours": sum(video["end_s"] - video["start_s"] for video in videos) / 3600,
    }


def _files(library: Library) -> dict[str, list[str]]:
    """What needs a word, by kind."""
    paths = library.paths()
    videos = [row for row in library.videos() if row["video_id"] in paths]
    names = {row["video_id"]: printable(paths[row["video_id"]][0]) for row in videos}
    return {
        "quarantined, not used": [
            f"{printable(source.path)}: {source.reason} ({source.position})"
            for source in library.sources().values()
            if source.quarantined
        ],
        "damaged, kept without the broken parts": [
            f"{names[row['video_id']]}: {row['failed_packets']} of {row['packets']} packets, "
            f"{row['lost_s']:.2f} s lost"
            for row in videos
            if row["failed_packets"]
        ],
        "too short for a segment": [
            names[row["video_id"]] for row in videos if not row["num_segments"]
        ],
        "the same bytes as another file": [
            f"{printable(path)} = {printable(same[0])}"
            for same in paths.values()
            for path in same[1:]
        ],
    }


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as rows of name and value."""
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, (list, tuple)):
            shown = f"{len(value)} ids" if name == "held_out" and value else ", ".join(value)
            rows.append((prefix + name, shown or "–"))
        else:
            rows.append((prefix + name, "–" if value is None else str(value)))
    return rows
