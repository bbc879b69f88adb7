"""What of a library a pretext task can use: long enough segments, and classes that occur."""

import functools
from pathlib import Path
from typing import Any

import torch

from eruv.clips.planes import CPU, can_convert
from eruv.library.catalogue import Library
from eruv.pretext import TASKS
from eruv.pretext.segment_arrays import SegmentTable
from eruv.training.pretrain_config import PretrainConfig
from eruv.training.samples import MakeTask, SampleSource
from eruv.utils.console import say
from eruv.utils.errors import EruvError


def task_maker(config: PretrainConfig) -> MakeTask:
    """From segments to the task of a run; can be sent to another process."""
    task = TASKS[config.pretext]
    settings: dict[str, Any] = {"settings": config.task} if task.has_settings else {}
    return functools.partial(task, size=config.size, **settings)


def sample_source(
    table: Path, library: Library, config: PretrainConfig, seed: int, device: torch.device = CPU
) -> SampleSource:
    """Samples of a run's task, drawn from the segments saved in `table`, for a device."""
    return SampleSource(
        table=table,
        proxies=library.folder / "proxies",
        proxy_settings=library.settings.proxy,
        size=config.size,
        make_task=task_maker(config),
        seed=seed,
        planes=can_convert(device, config.size, library.settings.proxy),
    )


def segment_table_of(library: Library, config: PretrainConfig) -> tuple[SegmentTable, int]:
    """The segments to train on, and how many others are too short for the task.

    In trimmed mode every video is one segment (fact 6.8).
    """
    if config.trimmed:
        table = SegmentTable.of_whole_videos(library, minimum=1)
    else:
        table = SegmentTable.of_library(library)
    long_enough = table.segments.lengths >= TASKS[config.pretext].shortest_frames
    return table.select(long_enough), int((~long_enough).sum())


def say_left_out(
    library: Library, config: PretrainConfig, table: SegmentTable, left_out: int
) -> None:
    """Tell how many segments the task cannot use.

    Raises:
        EruvError: if it can use none.
    """
    shortest, long_enough = TASKS[config.pretext].shortest_frames, len(table.segments)
    what = "whole videos" if config.trimmed else "segments"
    if not long_enough:
        raise EruvError(_nothing_long_enough(library, config))
    if left_out:
        total = left_out + long_enough
        say(
            f"{left_out:,} of {total:,} {what} have fewer than the {shortest} frames that "
            f"{config.pretext} needs, and are left out"
        )


def _nothing_long_enough(library: Library, config: PretrainConfig) -> str:
    cut, shortest = library.settings.segments, TASKS[config.pretext].shortest_frames
    what, least, way_out = "shots", max(shortest, cut.minimum), "Add longer videos."
    if config.trimmed:
        what, least = "videos", shortest
    elif cut.length < shortest:
        way_out = f"Its segments have {cut.length} frames: ingest into another folder with more."
    return (
        f"the library {library.folder} has no segment to train on: none of its {what} has "
        f"{least} frames or more ({config.pretext} needs {shortest}). {way_out}"
    )
