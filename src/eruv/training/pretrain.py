"""Pre-training: a library becomes an encoder."""

import os
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from eruv.library.catalogue import Library
from eruv.models.backbones import make_backbone
from eruv.models.encoder import Encoder, save_encoder
from eruv.models.siamese import SiameseNet
from eruv.pretext import TASKS, PretextTask
from eruv.pretext.task import TRAINING, VALIDATION
from eruv.training.augmentation import augment
from eruv.training.auxiliary_losses import auxiliary_heads, relation_loss
from eruv.training.confusion import Confusion
from eruv.training.device import choose_device
from eruv.training.feasibility import sample_source, say_left_out, segment_table_of, task_maker
from eruv.training.held_out import hold_out
from eruv.training.loop import StepLoss, Validation, classification_loss
from eruv.training.on_ray import train_on_ray
from eruv.training.pretrain_config import PretrainConfig, default_recipe
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleDataset, possible_labels
from eruv.training.start import (
    for_this_machine,
    init_of,
    load_backbone,
    refuse_other_settings,
    write_start,
)
from eruv.training.trainer import TrainingStage, train
from eruv.utils.console import say
from eruv.utils.errors import EruvError
from eruv.utils.on_ray import refuse_other_engine
from eruv.utils.results import Result
from eruv.utils.storage.remote_path import absolute


@dataclass(frozen=True)
class PretrainResult(Result):
    """A finished pre-training.

    Attributes:
        run: its folder; `eruv.load(run)` gives the encoder.
        pretext: the task.
        steps, pairs_seen: length of the training.
        best_step, best_accuracy, best_loss: of the validation whose weights were kept.
        seconds: of training, earlier calls included.
    """

    run: str
    steps: int
    pairs_seen: int
    best_step: int
    best_accuracy: float
    best_loss: float
    seconds: float
    pretext: str = "eruv"  # earlier runs knew no other


def pretrain(
    library: Path | str,
    to: Path | str,
    config: PretrainConfig | None = None,
    *,
    init: Path | str | None = None,
    device: str = "auto",
    engine: str = "local",
    address: str | None = None,
    processes: int | None = None,
) -> PretrainResult:
    """Train an encoder on a library; called again, it continues where it stopped.

    On CPU with glibc, the process gives no memory back to the system any more, which makes steps
    faster; torch has the caller's number of threads again afterwards.

    Args:
        library: folder made by `ingest`.
        to: folder of the run.
        config: None continues a run as it was started, and starts one with the recipe laptop.
        init: folder of an earlier encoder to start from.
        device: auto, cpu or cuda.
        engine: local: in this process, or in those of `torchrun`. ray: in processes of Ray Train
            (extra `ray`), on nodes that see the library and the run under the same paths.
        address: of the Ray cluster; see `eruv.utils.on_ray.ray_cluster`.
        processes: of Ray that share each step; None takes one per GPU, or one per node.

    Raises:
        EruvError: if the run was started with other settings, if the library is too small, or
            if training fails or is interrupted.
    """
    refuse_other_engine(engine, address, processes)
    run = RunFolder(Path(to))
    if engine == "ray":
        source, goal = absolute(library), absolute(to)
        begun = None if init is None else os.path.abspath(init)
        work = partial(pretrain, source, goal, config, init=begun)
        train_on_ray(work, run.folder, device, address, processes)
        return PretrainResult(run=str(to), **run.read("done.json"))
    device = choose_device(device)
    config = config or (run.configured if run.started else default_recipe())
    opened = Library(Path(library))

    def start(processes: int) -> None:
        if run.started:
            moved = {"library": opened.folder.resolve() != run.library_folder.resolve()}
            refuse_other_settings(run, PretrainStage.name, config, init, processes, device, moved)
        else:
            start_pretraining(run, opened, config, init, processes, device)

    done = train(run, device, start, lambda on: PretrainStage(run, opened, on))
    return PretrainResult(run=str(to), **done)


def start_pretraining(
    run: RunFolder,
    library: Library,
    config: PretrainConfig,
    init: Path | str | None = None,
    processes: int = 1,
    device: str = "cpu",
) -> None:
    """Settle data, split, classes, threads and precision; run.json, with all of it, comes last.

    Raises:
        EruvError: if the library is too small, or `init` does not fit.
    """
    detector = library.settings.detector.name
    if config.detector not in (None, detector):
        raise EruvError(
            f"the configuration wants shots found by {config.detector}; the library "
            f"{library.folder} was made with {detector}. Ingest the videos into another folder "
            f"with --detector {config.detector}, or leave `detector` out."
        )
    table, left_out = segment_table_of(library, config)
    say_left_out(library, config, table, left_out)
    chosen = config.validation
    split = hold_out(table, chosen.share, config.seed, chosen.held_out_ids)
    training, held_out = table.select(~split.mask), table.select(split.mask)
    kind = TASKS[config.pretext]
    fitting = kind.fit_settings(config.task, training.segments, config.size, config.trimmed)
    resolved = for_this_machine(replace(config, task=fitting), device, processes)
    make_task = task_maker(resolved)
    if not possible_labels(make_task(held_out.segments)):
        raise EruvError(
            f"the held-out videos allow none of the {kind.text.kind}s "
            f"{', '.join(resolved.classes)}. Hold out others with validation.held_out_ids, or "
            f"configure more {kind.text.kind}s."
        )
    if init is not None:  # a wrong one is refused before anything is written
        load_backbone(init, config.backbone, config.width, config.input)
    training.save(run.training_data)
    held_out.save(run.held_out_data)
    facts = {
        "fingerprint": table.fingerprint,
        "held_out_by": split.by,
        "feasibility": {
            "training": make_task(training.segments).feasibility(),
            "held_out": make_task(held_out.segments).feasibility(),
            "left_out": {
                "segments": left_out,
                "of": left_out + len(table.segments),
                "shorter_than": kind.shortest_frames,
            },
        },
    }
    stage, folder = PretrainStage.name, library.folder
    write_start(run, stage, config, resolved, init, processes, folder, facts)
    _say_length(resolved, len(training.segments))


def _say_length(config: PretrainConfig, segments: int) -> None:
    pairs, unit = config.num_pairs(segments), TASKS[config.pretext].text.sample
    passes = f"{pairs / segments:,.1f}"
    rule = [f"{config.epochs:,} passes"] if config.pairs is None else []
    if rule and config.least_pairs > 1:
        rule.append(f"at least {config.least_pairs:,} {unit}s")
    if rule and config.most_pairs:
        rule.append(f"at most {config.most_pairs:,}")
    say(
        f"pretrain: {pairs:,} {unit}s, or {passes} passes over {segments:,} training segments"
        + (f" (configured: {', '.join(rule)})" if rule else "")
    )


class PretrainStage(TrainingStage):
    """A started pre-training.

    Args:
        run: its folder.
        library: that it was started on.
        device: that batches are for.
    """

    name, counted_as = "pretrain", "pairs"

    def __init__(self, run: RunFolder, library: Library, device: torch.device) -> None:
        self.run, self.stored = run, run.settings(self.name)
        self.proxy = library.settings.proxy
        self.config: PretrainConfig = run.config
        data = {TRAINING: run.training_data, VALIDATION: run.held_out_data}
        sources = {
            stream: sample_source(folder, library, self.config, self.config.seed, device)
            for stream, folder in data.items()
        }
        self.dataset = SampleDataset(sources, with_origins=self._compares_clips)
        training = sources[TRAINING].open()
        self.task, self.epoch_pairs = training.task, training.epoch_size
        self.classes, self.unit = self.task.classes, f"{self.task.text.sample}s"
        self.facts = {"pretext": self.config.pretext}
        chosen = self.config.validation
        self.keep, self.batch_norm_batches = chosen.keep, chosen.batch_norm_batches
        self.num_validation = chosen.pairs_per_relation * len(sources[VALIDATION].open().labels)

    def num_steps(self, samples_per_step: int) -> tuple[int, int]:
        pairs = self.config.num_pairs(self.epoch_pairs)
        every = self.config.validation.every_pairs or self.epoch_pairs
        return max(1, pairs // samples_per_step), max(1, every // samples_per_step)

    def make_network(self) -> SiameseNet:
        return make_network(self.config, self.task, init_of(self.run, self.stored))

    @property
    def _compares_clips(self) -> bool:
        return self.config.task.all_pairs > 0 or self.config.task.contrast > 0

    def loss(self, model: nn.Module, clips: Tensor, labels: Tensor) -> StepLoss:
        clips = augment(clips, self.config.augmentation)
        if self._compares_clips:
            return relation_loss(model, clips, labels, self.config.task)
        return classification_loss(model, clips, labels)

    def summarise(self, found: Confusion) -> Validation:
        by_class = dict(zip(self.classes, found.class_accuracy, strict=True))
        return Validation(found.loss, found.mean_accuracy, {"by_class": by_class})

    def save(
        self, network: nn.Module, step: int, samples_seen: int, validation: Validation
    ) -> None:
        assert isinstance(network, SiameseNet)
        training, text = self.stored["feasibility"]["training"], self.task.text
        details = {
            "proxy": asdict(self.proxy),
            "pretext": self.config.pretext,
            "classes": list(self.classes),
            "segments": training["segments"],
            "videos": training["videos"],
            "pairs_seen": samples_seen,
            "accuracy": validation.accuracy,
            "chance": 1 / len(self.classes),
        }
        facts = {
            "goal": text.goal,
            "kind": text.kind,
            "sample": text.sample,
            "batch_norm": self.config.batch_norm,
            "seed": self.config.seed,
        }
        encoder = Encoder.of(network.backbone, self.config.size, self.config.input, details)
        save_encoder(self.run.folder, encoder, network.head, self.keep, facts)


def make_network(
    config: PretrainConfig, task: PretextTask, init: Path | str | None = None
) -> SiameseNet:
    """The network of a run before its first step; the seed decides its weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        backbone = make_backbone(config.backbone, config.width)
        head = task.make_head(backbone.num_features)
        auxiliary = auxiliary_heads(config.task, backbone.num_features)
    if init is not None:
        backbone = load_backbone(init, config.backbone, config.width, config.input)
    return SiameseNet(backbone, head, config.batch_norm, config.input, auxiliary)
