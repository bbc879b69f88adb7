"""eruv: from a folder of raw, unlabelled videos to a trained video encoder.

Every command is a function of the same name: `eruv ingest` is `eruv.ingest`, and so on.
"""

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eruv.datasets.command import dataset as dataset
    from eruv.demonstration import demo as demo
    from eruv.detection.detect import detect_shots as detect_shots
    from eruv.detection.export.shots import shots as shots
    from eruv.diagnosis import doctor as doctor
    from eruv.evaluation.predict import predict as predict
    from eruv.evaluation.relations import relations as relations
    from eruv.figures.attention_command import attention as attention
    from eruv.library.ingest import ingest as ingest
    from eruv.pipeline import run as run
    from eruv.recipes import recipe as recipe
    from eruv.reports.report import report as report
    from eruv.reports.retrieval import retrieve as retrieve
    from eruv.reproduction.command import reproduce as reproduce
    from eruv.training.classifier_folder import load_classifier as load_classifier
    from eruv.training.config import PretrainConfig as PretrainConfig
    from eruv.training.encoder_folder import load as load
    from eruv.training.finetune import finetune as finetune
    from eruv.training.finetune_config import FinetuneConfig as FinetuneConfig
    from eruv.training.pretrain import pretrain as pretrain
    from eruv.utils.errors import EruvError as EruvError

__version__ = version("eruv")

# Loaded on first use: ingest needs neither torch nor the seconds that importing it takes.
_HOMES = {
    "EruvError": "eruv.utils.errors",
    "FinetuneConfig": "eruv.training.finetune_config",
    "PretrainConfig": "eruv.training.config",
    "attention": "eruv.figures.attention_command",
    "dataset": "eruv.datasets.command",
    "demo": "eruv.demonstration",
    "detect_shots": "eruv.detection.detect",
    "doctor": "eruv.diagnosis",
    "finetune": "eruv.training.finetune",
    "ingest": "eruv.library.ingest",
    "load": "eruv.training.encoder_folder",
    "load_classifier": "eruv.training.classifier_folder",
    "predict": "eruv.evaluation.predict",
    "pretrain": "eruv.training.pretrain",
    "recipe": "eruv.recipes",
    "relations": "eruv.evaluation.relations",
    "report": "eruv.reports.report",
    "reproduce": "eruv.reproduction.command",
    "retrieve": "eruv.reports.retrieval",
    "run": "eruv.pipeline",
    "shots": "eruv.detection.export.shots",
}

__all__ = [
    "EruvError",
    "FinetuneConfig",
    "PretrainConfig",
    "attention",
    "dataset",
    "demo",
    "detect_shots",
    "doctor",
    "finetune",
    "ingest",
    "load",
    "load_classifier",
    "predict",
    "pretrain",
    "recipe",
    "relations",
    "report",
    "reproduce",
    "retrieve",
    "run",
    "shots",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'eruv' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
