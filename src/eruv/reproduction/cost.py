"""How long an experiment takes on this machine: its clips, and the seconds of a clip."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from eruv.clips.spec import CLIP_FRAMES, ClipSize
from eruv.evaluation.features import CLIPS_PER_VIDEO
from eruv.models.backbones import make_backbone
from eruv.models.inputs import network_input, with_channels_last
from eruv.pretext import TASKS
from eruv.reproduction.data import DatasetInfo
from eruv.reproduction.experiments import (
    EmbeddingFigure,
    Experiment,
    FinetuningRun,
    FrozenTest,
    PretrainingRun,
    RelationTest,
)
from eruv.training.device import available_cores, choose_device
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.pretrain_config import PretrainConfig

EMBEDDED_CLASSES = 3
TRIAL_CLIPS = 4
# Time of a forward pass, as a share of a training step.
FORWARD_SHARE = 1 / 3
# Starting processes, reading videos, writing: about the same for every run.
OVERHEAD_S = 2.0


@dataclass(frozen=True)
class NetworkKind:
    """What the time of a clip depends on."""

    backbone: str
    width: float
    size: ClipSize

    @classmethod
    def of(cls, config: PretrainConfig | FinetuneConfig) -> "NetworkKind":
        """Of a training that names all three."""
        assert config.backbone is not None
        assert config.width is not None
        assert config.size is not None
        return cls(config.backbone, config.width, config.size)


@dataclass(frozen=True)
class Workload:
    """Clips through one kind of network.

    Attributes:
        network: its kind.
        samples: pairs, or clips of a training on labels: what the plan shows.
        trained: clips of training steps.
        forward: clips of forward passes alone.
    """

    network: NetworkKind
    samples: int
    trained: int
    forward: int

    @property
    def effort(self) -> float:
        """All clips, counted as clips of training steps."""
        return self.trained + FORWARD_SHARE * self.forward


@dataclass
class ClipTimes:
    """Seconds a clip by kind of network: learned from finished runs, else from a trial.

    Attributes:
        device: auto, cpu or cuda, for trials.
        clips, spent_s: of all finished runs.
        trials: seconds per clip of networks without finished runs.
    """

    device: str = "auto"
    clips: dict[NetworkKind, float] = field(default_factory=dict)
    spent_s: dict[NetworkKind, float] = field(default_factory=dict)
    trials: dict[NetworkKind, float] = field(default_factory=dict)

    def learn(self, workload: Workload, seconds: float) -> None:
        """From a run that finished in so many seconds."""
        spent, kind = seconds - OVERHEAD_S, workload.network
        if workload.effort > 0 and spent > 0:
            self.clips[kind] = self.clips.get(kind, 0.0) + workload.effort
            self.spent_s[kind] = self.spent_s.get(kind, 0.0) + spent

    def seconds(self, workload: Workload) -> float:
        """Estimated time of a run."""
        return OVERHEAD_S + workload.effort * self._seconds_a_clip(workload.network)

    def _seconds_a_clip(self, kind: NetworkKind) -> float:
        if kind in self.clips:
            return self.spent_s[kind] / self.clips[kind]
        if kind not in self.trials:
            self.trials[kind] = trial(kind, self.device)
        return self.trials[kind]


def trial(kind: NetworkKind, device: str) -> float:
    """Seconds a clip of training, from the second of two steps of a few clips."""
    chosen = choose_device(device)
    torch.set_num_threads(available_cores())
    network = with_channels_last(make_backbone(kind.backbone, kind.width)).to(chosen)
    shape = (TRIAL_CLIPS, CLIP_FRAMES, kind.size.crop, kind.size.crop, 3)
    clips = torch.zeros(shape, dtype=torch.uint8, device=chosen)
    seconds = 0.0
    for _ in range(2):
        started = time.monotonic()
        loss = network(network_input(clips)).sum()
        loss.backward()
        loss.item()  # waits for the device
        seconds = time.monotonic() - started
    return seconds / TRIAL_CLIPS


def workload_of(experiment: Experiment, data: Mapping[str, DatasetInfo]) -> Workload | None:
    """The clips of an experiment; None where the size of its data is not known yet."""
    match experiment:
        case PretrainingRun():
            return _of_pretraining(experiment, data)
        case RelationTest(encoder=encoder):
            pairs = len(encoder.config.classes) * experiment.pairs_per_relation
            return Workload(NetworkKind.of(encoder.config), pairs, 0, 2 * pairs)
        case FinetuningRun():
            return _of_finetuning(experiment, data)
        case FrozenTest(encoder=encoder, data=key):
            split = data[key.name].splits[key.split]
            if split.train is None or split.test is None:
                return None
            clips = CLIPS_PER_VIDEO * (split.train + split.test)
            return Workload(NetworkKind.of(encoder.config), 0, 0, clips)
        case EmbeddingFigure(encoders=encoders):
            clips = EMBEDDED_CLASSES * experiment.samples_of_class * len(encoders)
            return Workload(NetworkKind.of(encoders[0].config), 0, 0, clips)
    return None


def _of_pretraining(run: PretrainingRun, data: Mapping[str, DatasetInfo]) -> Workload | None:
    config, validation = run.config, run.config.validation
    kind, clips = NetworkKind.of(config), TASKS[config.pretext].num_clips
    statistics = validation.batch_norm_batches * config.batch_size
    if run.method == "random":
        return Workload(kind, 0, 0, clips * statistics)
    segments = data[run.data.name].splits[1].segments
    if config.pairs is None and segments is None:
        return None
    epoch = round((1 - validation.share) * segments) if segments else 0
    pairs = config.pairs or config.epochs * epoch
    every = validation.every_pairs or max(1, epoch)
    validations = max(1, pairs // every)
    per_validation = len(config.classes) * validation.pairs_per_relation + statistics
    return Workload(kind, pairs, clips * pairs, clips * validations * per_validation)


def _of_finetuning(run: FinetuningRun, data: Mapping[str, DatasetInfo]) -> Workload | None:
    split, config = data[run.data.name].splits[run.data.split], run.config
    if split.train is None or split.test is None:
        return None
    train = split.train
    if config.labels_per_class is not None:
        if split.classes is None:
            return None
        train = min(train, config.labels_per_class * split.classes)
    held_out = int(config.held_out if config.held_out >= 1 else config.held_out * train)
    training = max(1, train - held_out)
    clips = config.steps * config.batch_size if config.steps else config.epochs * training
    validations = max(1, clips // training) if held_out else 1
    forward = validations * (held_out or training) + CLIPS_PER_VIDEO * split.test
    return Workload(NetworkKind.of(config), clips, clips, forward)
