"""Pretext tasks by name; each draws clip specs with a label and makes a head for them.

Comes in: segments. Goes out: samples. See `PretextTask` for what a task is.
"""

from eruv.pretext.eruv import RelationTask
from eruv.pretext.task import PretextTask, Sample

TASKS: dict[str, type[RelationTask]] = {"eruv": RelationTask}

__all__ = ["TASKS", "PretextTask", "RelationTask", "Sample"]
