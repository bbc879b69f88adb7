"""How much there is to do in an experiment, in clips through a network."""

from collections.abc import Mapping
from dataclasses import dataclass

from eruv.clips.spec import ClipSize
from eruv.evaluation.features import CLIPS_PER_VIDEO
from eruv.pretext import TASKS
from eruv.reproduction.experiments import (
    AttentionFigure,
    EmbeddingFigure,
    Experiment,
    Finetuning,
    Pretraining,
    Probe,
    RelationTest,
    Retrieval,
)
from eruv.reproduction.outlines import Outline
from eruv.training.pretrain_config import PretrainConfig

EMBEDDED_CLASSES = 3


@dataclass(frozen=True)
class NetworkKind:
    """What the time of a clip depends on."""

    backbone: str
    width: float
    size: ClipSize


@dataclass(frozen=True)
class Workload:
    """Clips through one kind of network.

    Attributes:
        network: see there.
        samples: pairs, or clips of a training on labels: what the plan shows.
        trained: clips that are learned from.
        looked_at: clips that only go forward.
    """

    network: NetworkKind
    samples: int
    trained: int
    looked_at: int


def workload_of(experiment: Experiment, outlines: Mapping[str, Outline]) -> Workload | None:
    """The clips of an experiment; None where the size of its data is not known yet."""
    if isinstance(experiment, Pretraining):
        return _of_pretraining(experiment, outlines)
    if isinstance(experiment, RelationTest):
        pairs = len(experiment.encoder.config.classes) * experiment.pairs_per_relation
        return Workload(_kind(experiment.encoder.config), pairs, 0, 2 * pairs)
    if isinstance(experiment, Finetuning):
        return _of_finetuning(experiment, outlines)
    if isinstance(experiment, Retrieval | Probe):
        split = outlines[experiment.data.name].splits[experiment.data.split]
        if split.train is None or split.test is None:
            return None
        clips = CLIPS_PER_VIDEO * (split.train + split.test)
        return Workload(_kind(experiment.encoder.config), 0, 0, clips)
    if isinstance(experiment, EmbeddingFigure):
        clips = EMBEDDED_CLASSES * experiment.samples_of_class * len(experiment.encoders)
        return Workload(_kind(experiment.encoders[0].config), 0, 0, clips)
    if isinstance(experiment, AttentionFigure):
        return None
    raise TypeError(f"no workload is known for {type(experiment).__name__}")


def _of_pretraining(wanted: Pretraining, outlines: Mapping[str, Outline]) -> Workload | None:
    config, validation = wanted.config, wanted.config.validation
    clips = TASKS[config.pretext].num_clips
    statistics = validation.batch_norm_batches * config.batch_size
    if wanted.method == "random":
        return Workload(_kind(config), 0, 0, clips * statistics)
    segments = outlines[wanted.data.name].splits[1].segments
    if config.pairs is None and segments is None:
        return None
    epoch = round((1 - validation.share) * segments) if segments else 0
    pairs = config.pairs or config.epochs * epoch
    every = validation.every_pairs or max(1, epoch)
    validations = max(1, pairs // every)
    per_validation = len(config.classes) * validation.pairs_per_relation + statistics
    return Workload(_kind(config), pairs, clips * pairs, clips * validations * per_validation)


def _of_finetuning(wanted: Finetuning, outlines: Mapping[str, Outline]) -> Workload | None:
    split, config = outlines[wanted.data.name].splits[wanted.data.split], wanted.config
    if split.train is None or split.test is None:
        return None
    assert config.backbone is not None
    assert config.width is not None
    assert config.size is not None
    train = split.train
    if config.labels_per_class is not None:
        if split.classes is None:
            return None
        train = min(train, config.labels_per_class * split.classes)
    held_out = int(config.held_out if config.held_out >= 1 else config.held_out * train)
    training = max(1, train - held_out)
    clips = config.steps * config.batch_size if config.steps else config.epochs * training
    validations = max(1, clips // training) if held_out else 1
    looked_at = validations * (held_out or training) + CLIPS_PER_VIDEO * split.test
    network = NetworkKind(config.backbone, config.width, config.size)
    return Workload(network, clips, clips, looked_at)


def _kind(config: PretrainConfig) -> NetworkKind:
    return NetworkKind(config.backbone, config.width, config.size)
