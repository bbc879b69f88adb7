"""The start of a run: everything it depends on is settled once and written down."""

import os
from dataclasses import replace
from pathlib import Path

import torch

from eruv.clips.planes import CPU, can_convert
from eruv.library.catalogue import Library
from eruv.models.backbones import Backbone, make_backbone
from eruv.models.siamese import SiameseNet
from eruv.pretext import TASKS, PretextTask
from eruv.training.config import PretrainConfig
from eruv.training.device import available_cores, versions
from eruv.training.encoder_folder import load
from eruv.training.feasibility import (
    catalogue_of,
    say_left_out,
    task_maker,
    with_possible_classes,
)
from eruv.training.held_out import hold_out
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleSource, possible_labels
from eruv.utils.console import say
from eruv.utils.errors import EruvError

# May differ when a run goes on: they change its speed, not its result.
FREE_SETTINGS = ("threads", "compile", "loader_workers", "checkpoint_interval_s")


def start_run(
    run: RunFolder,
    library: Library,
    config: PretrainConfig,
    init: Path | str | None,
    processes: int = 1,
) -> None:
    """Settle data, split, relations, threads and processes; run.json, with all of it, comes last.

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
    catalogue, left_out = catalogue_of(library, config)
    say_left_out(library, config, catalogue, left_out)
    split = hold_out(catalogue, config.validation.share, config.seed, config.validation.held_out)
    training, held_out = catalogue.select(~split.mask), catalogue.select(split.mask)
    resolved = replace(
        with_possible_classes(config, training),
        threads=config.threads or max(1, available_cores() // processes),
    )
    make_task = task_maker(resolved)
    if not possible_labels(make_task(held_out.segments)):
        raise EruvError(
            f"the held-out videos allow none of the relations {', '.join(resolved.classes)}. "
            f"Hold out others with validation.held_out, or ask for more relations."
        )
    if init is not None:
        load_backbone(init, resolved)  # a wrong one is refused before anything is written
    training.save(run.training_data)
    held_out.save(run.held_out_data)
    run.write(
        "run.json",
        {
            "asked": config.to_dict(),
            "config": resolved.to_dict(),
            "init": absolute(init),
            "processes": processes,
            "library": os.path.relpath(library.folder, run.folder),
            "fingerprint": catalogue.fingerprint,
            "held_out_by": split.by,
            "feasibility": {
                "training": make_task(training.segments).feasibility(),
                "held_out": make_task(held_out.segments).feasibility(),
                "left_out": {
                    "segments": left_out,
                    "of": left_out + len(catalogue.segments),
                    "shorter_than": TASKS[config.pretext].shortest_frames,
                },
            },
            "versions": versions(),
        },
    )


def sample_source(
    catalogue: Path, library: Library, config: PretrainConfig, seed: int, device: torch.device = CPU
) -> SampleSource:
    """Samples of a run's task, drawn from the segments saved in `catalogue`, for a device."""
    return SampleSource(
        catalogue=catalogue,
        proxies=library.folder / "proxies",
        proxy_settings=library.settings.proxy,
        size=config.size,
        make_task=task_maker(config),
        seed=seed,
        planes=can_convert(device, config.size, library.settings.proxy),
    )


def refuse_other_settings(
    run: RunFolder,
    library: Path,
    config: PretrainConfig,
    init: Path | str | None,
    processes: int = 1,
) -> None:
    """Make sure that a run goes on as it was started.

    Raises:
        EruvError: if anything that shapes the result differs.
    """
    stored = run.settings("pretrain")
    asked, before = config.to_dict(), PretrainConfig.from_dict(stored["asked"]).to_dict()
    differing = [
        name for name in asked if name not in FREE_SETTINGS and asked[name] != before[name]
    ]
    if absolute(init) != stored["init"]:
        differing.append("init")
    if library.resolve() != run.library_folder.resolve():
        differing.append("library")
    if differing:
        raise EruvError(
            f"the run {run.folder} was started with other settings: {', '.join(differing)} "
            f"(run.json has them all). Use the same settings to go on, or another --to."
        )
    if processes != stored["processes"]:
        raise EruvError(
            f"the run {run.folder} was started with {stored['processes']} processes and is to go "
            f"on with {processes}: they share each step. Use torchrun --nproc-per-node="
            f"{stored['processes']} (one process needs no torchrun), or another --to."
        )
    threads = stored["config"]["threads"]
    if config.threads not in (None, threads):
        say(f"this run was started with {threads} threads and goes on with them")


def load_backbone(init: Path | str, config: PretrainConfig) -> Backbone:
    """The backbone of an earlier encoder.

    Raises:
        EruvError: if it is none of the configured kind and width.
    """
    backbone = load(init).backbone
    expected = make_backbone(config.backbone, config.width)
    shapes = [
        {name: weights.shape for name, weights in network.state_dict().items()}
        for network in (backbone, expected)
    ]
    if shapes[0] != shapes[1]:
        raise EruvError(
            f"the encoder {init} is no {config.backbone} of width {config.width}. "
            f"Set backbone and width as in its config.json."
        )
    return backbone


def make_network(
    config: PretrainConfig, task: PretextTask, init: Path | str | None = None
) -> SiameseNet:
    """The network of a run before its first step; the seed decides its weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        backbone = make_backbone(config.backbone, config.width)
        head = task.make_head(backbone.num_features)
    if init is not None:
        backbone = load_backbone(init, config)
    return SiameseNet(backbone, head, config.batch_norm)


def absolute(path: Path | str | None) -> str | None:
    """A path as run.json has it; None stays None."""
    return os.path.abspath(path) if path is not None else None
