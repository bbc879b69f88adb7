"""Pretext tasks by name; each draws clip specs with a label and makes a head for them."""

from eruv.pretext.eruv import RelationTask
from eruv.pretext.task import PretextTask, Sample, TaskText
from eruv.pretext.vcop import ClipOrderTask
from eruv.pretext.vcp import ClozeTask

TASKS: dict[str, type[PretextTask]] = {
    "eruv": RelationTask,
    "vcop": ClipOrderTask,
    "vcp": ClozeTask,
}

__all__ = ["TASKS", "PretextTask", "RelationTask", "Sample", "TaskText"]
