"""The settings of a run and of its library, flat enough for a table."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.pretext import TASKS
from eruv.reports.ingested import Ingested
from eruv.reports.results import Record, Results
from eruv.training.run_folder import CONFIGURED
from eruv.utils.numbers import NONE
from eruv.utils.version import VERSION

HELD_OUT = "validation.held_out_ids"


@dataclass(frozen=True)
class Setting:
    """One setting; `configured` says what was configured, where the run resolved it otherwise."""

    name: str
    value: str
    configured: str = ""


def training_settings(results: Results, ingested: Ingested) -> list[Setting]:
    """The resolved configuration."""
    configured = dict(flat(results.run[CONFIGURED]))
    rows = []
    for name, value in flat(results.config.to_dict()):
        if name.startswith("task.") and not TASKS[results.config.pretext].has_settings:
            continue  # settings of another task
        if name == HELD_OUT:
            rows.append(Setting(name, _held_out(value, ingested)))
            continue
        before = configured.get(name, value)
        changed = written(before) != written(value)
        rows.append(Setting(name, written(value), _configured(before) if changed else ""))
    init = results.run["init"]
    rows.append(Setting("init", Path(init).name if init else "random weights"))
    return rows


def editing_settings(library: Library) -> list[Setting]:
    """How the library was cut."""
    return [Setting(name, written(value)) for name, value in flat(asdict(library.settings))]


def versions(results: Results) -> list[Setting]:
    """Versions that the run was made with, and the one that wrote this page."""
    rows = [Setting(name, str(value)) for name, value in results.run["versions"].items()]
    return [*rows, Setting("eruv (of this page)", VERSION)]


def flat(settings: Record, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of nested settings."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def written(value: Any) -> str:
    """A setting's value as in a recipe."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value) or NONE
    return str(value)


def _configured(value: Any) -> str:
    return "left open" if value is None else f"configured: {written(value)}"


def _held_out(video_ids: Any, ingested: Ingested) -> str:
    if not video_ids:
        return "drawn by seed"
    return ", ".join(sorted(ingested.name(video_id) for video_id in video_ids))
