"""What of a library a pretext task can use: long enough segments, and classes that occur."""

import functools
from dataclasses import replace

from eruv.library.catalogue import Library
from eruv.pretext import TASKS, RelationTask
from eruv.pretext.eruv import TRIMMED_RELATIONS, without_impossible
from eruv.pretext.segment_arrays import Catalogue
from eruv.training.config import PretrainConfig
from eruv.training.samples import MakeTask
from eruv.utils.console import say
from eruv.utils.errors import EruvError


def task_maker(config: PretrainConfig) -> MakeTask:
    """From segments to the task of a run; can be sent to another process."""
    if config.pretext == "eruv":
        return functools.partial(RelationTask, size=config.size, settings=config.task)
    return functools.partial(TASKS[config.pretext], size=config.size)


def catalogue_of(library: Library, config: PretrainConfig) -> tuple[Catalogue, int]:
    """The segments to train on, and how many others are too short for the task.

    In trimmed mode every video is one segment (fact 6.8).
    """
    if config.trimmed:
        catalogue = Catalogue.of_whole_videos(library, minimum=1)
    else:
        catalogue = Catalogue.of_library(library)
    long_enough = catalogue.segments.lengths >= TASKS[config.pretext].shortest_frames
    return catalogue.select(long_enough), int((~long_enough).sum())


def say_left_out(
    library: Library, config: PretrainConfig, catalogue: Catalogue, left_out: int
) -> None:
    """Tell how many segments the task cannot use.

    Raises:
        EruvError: if it can use none.
    """
    shortest, kept = TASKS[config.pretext].shortest_frames, len(catalogue.segments)
    what = "whole videos" if config.trimmed else "segments"
    if not kept:
        raise EruvError(_nothing_usable(library, config))
    if left_out:
        say(
            f"{left_out:,} of {left_out + kept:,} {what} have fewer than the {shortest} frames "
            f"that {config.pretext} needs, and are left out"
        )


def _nothing_usable(library: Library, config: PretrainConfig) -> str:
    cut, shortest = library.settings.segments, TASKS[config.pretext].shortest_frames
    what, usable, way_out = "shots", max(shortest, cut.minimum), "Add longer videos."
    if config.trimmed:
        what, usable = "videos", shortest
    elif cut.length < shortest:
        way_out = f"Its segments have {cut.length} frames: ingest into another folder with more."
    return (
        f"the library {library.folder} has no segment to train on: none of its {what} has "
        f"{usable} frames or more ({config.pretext} needs {shortest}). {way_out}"
    )


def with_possible_classes(config: PretrainConfig, training: Catalogue) -> PretrainConfig:
    """The configuration without relations that are impossible in training (fact 3).

    Raises:
        EruvError: if fewer than two relations remain, or if a class of another task is impossible:
            those tasks are what they are.
    """
    if config.pretext == "eruv":
        return replace(
            config, task=replace(config.task, relations=_possible_relations(config, training))
        )
    words = TASKS[config.pretext].words
    possible = task_maker(config)(training.segments).possible
    missing = [name for name in config.classes if not possible[name]]
    if missing:
        needs = "; ".join(f"{name} needs {words.needs[name]}" for name in missing)
        raise EruvError(
            f"the training videos do not allow every {words.kind} of {config.pretext}: {needs}. "
            f"Add longer videos, or hold out others with validation.held_out."
        )
    return config


def _possible_relations(config: PretrainConfig, training: Catalogue) -> tuple[str, ...]:
    asked = config.task.relations
    if config.trimmed:
        asked = tuple(name for name in asked if name in TRIMMED_RELATIONS)
    possible = without_impossible(training.segments, asked)
    for name in asked:
        if name not in possible:
            say(f"relation {name} is impossible on the training videos and is left out")
    if len(possible) < 2:
        raise EruvError(
            f"the training videos allow {len(possible)} of the relations {', '.join(asked)}; "
            f"at least two are needed. Add more or longer videos, or ask for more relations."
        )
    return possible
