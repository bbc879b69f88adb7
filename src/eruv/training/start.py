"""The start of a training: what it depends on is settled once, and compared when it continues."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from eruv.models.backbones import BACKBONES, Backbone, name_of
from eruv.models.encoder import load
from eruv.models.saving import WEIGHTS, weights_digest
from eruv.training.base_config import TrainingConfig
from eruv.training.checkpoint import Checkpoints
from eruv.training.device import available_cores, resolve_precision, versions
from eruv.training.run_folder import CONFIGURED, RESUME, RunFolder
from eruv.utils.console import say
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import is_remote

Config = TypeVar("Config", bound=TrainingConfig)

# May differ when a training continues: they change its speed, not its result.
FREE_SETTINGS = ("threads", "compile", "loader_workers", "checkpoint_interval_s")


def for_this_machine(config: Config, device: str, processes: int) -> Config:
    """The configuration with threads and precision for a device, "cpu" or "cuda".

    Raises:
        EruvError: for a precision that the device does not allow.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", processes))  # of the processes, on this node
    return replace(
        config,
        threads=config.threads or max(1, available_cores() // here),
        precision=resolve_precision(config.precision, device),
    )


def write_start(
    run: RunFolder,
    stage: str,
    config: TrainingConfig,
    resolved: TrainingConfig,
    init: Path | str | None,
    processes: int,
    library: Path,
    facts: Mapping[str, Any],
) -> None:
    """Write run.json, which starts a training.

    Args:
        run: the folder.
        stage: pretrain or finetune.
        config: as configured.
        resolved: with everything that was left to the machine, the data or the encoder.
        init: folder of the encoder that is started from.
        processes: that share each step.
        library: folder of the library.
        facts: about the data.
    """
    run.write(
        "run.json",
        {
            "stage": stage,
            CONFIGURED: config.to_dict(),
            "config": resolved.to_dict(),
            "init": _absolute(init),
            "init_weights": weights_digest(init) if init is not None else None,
            "processes": processes,
            "library": str(library) if is_remote(library) else os.path.relpath(library, run.folder),
            **facts,
            "versions": versions(),
        },
    )


def refuse_other_settings(
    run: RunFolder,
    stage: str,
    config: TrainingConfig,
    init: Path | str | None,
    processes: int,
    device: str,
    differs: Mapping[str, bool],
) -> None:
    """Make sure that a training continues as it was started.

    Args:
        run, stage, config, init, processes: see `write_start`.
        device: "cpu" or "cuda".
        differs: whether its data differ, by what they are called.

    Raises:
        EruvError: if anything that shapes the result differs.
    """
    stored = run.settings(stage)
    differing = differing_settings(run.configuration(stage, type(config), CONFIGURED), config)
    if _absolute(init) != stored["init"]:
        differing.append("init")
    elif _is_other(init, stored):
        differing.append(f"{init}, which was trained further or again since")
    differing += [name for name, different in differs.items() if different]
    if differing:
        raise EruvError(
            f"the training {run.folder} was started with other settings: {', '.join(differing)} "
            f"(run.json has them all). Use the same settings to continue, or another folder (--to)."
        )
    if processes != stored["processes"]:
        raise EruvError(
            f"the training {run.folder} was started with {stored['processes']} processes and "
            f"cannot continue with {processes}: they share each step. Use torchrun "
            f"--nproc-per-node={stored['processes']} (one process needs no torchrun), or another "
            "folder (--to)."
        )
    resolve_precision(stored["config"].get("precision", "auto"), device)
    threads = stored["config"]["threads"]
    if config.threads not in (None, threads):
        say(f"this training was started with {threads} threads and continues with them")


def differing_settings(before: TrainingConfig, now: TrainingConfig) -> list[str]:
    """What differs between two configurations of what shapes the result, each as a clause."""
    stored = before.to_dict()
    return [
        words
        for name, value in now.to_dict().items()
        if name not in FREE_SETTINGS
        for words in _differences(name, stored[name], value)
    ]


def _differences(name: str, before: Any, now: Any) -> Iterator[str]:
    """What differs between two values of a setting, down to the settings of a section."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            yield from _differences(f"{name}.{key}", before.get(key), now.get(key))
    elif _plain(before) != _plain(now):
        yield f"{name} is {_plain(before)} in the run, {_plain(now)} here"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value  # JSON knows lists only


def _is_other(init: Path | str | None, stored: Mapping[str, Any]) -> bool:
    """Whether an encoder has other weights than those that a training started from.

    Pre-trainings of earlier versions did not write them down; and what is gone was read before.
    """
    expected = stored.get("init_weights")
    if init is None or expected is None or not (Path(init) / WEIGHTS).exists():
        return False
    return expected != weights_digest(init)


def init_of(run: RunFolder, stored: Mapping[str, Any]) -> str | None:
    """The encoder that a training begins with; None once a checkpoint has what became of it.

    Raises:
        EruvError: if it changed between the start and now.
    """
    init: str | None = stored["init"]
    if init is None or Checkpoints(run.folder / RESUME).all():
        return None
    if _is_other(init, stored):
        raise EruvError(
            f"the encoder {init} was trained further or again since the training {run.folder} was "
            f"started from it. Train into another folder."
        )
    return init


def load_backbone(init: Path | str, backbone: str, width: float, input: str) -> Backbone:
    """The backbone of an earlier encoder.

    Raises:
        EruvError: if it is none of this name and width, or sees another input.
    """
    encoder = load(init)
    found = encoder.backbone
    if type(found) is not BACKBONES[backbone] or found.width != width:
        raise EruvError(
            f"the encoder {init} is a {name_of(found)} of width {found.width}, and the "
            f"configuration has a {backbone} of width {width}. Set backbone and width as in its "
            f"config.json; for fine-tuning, leave them out."
        )
    if encoder.input != input:
        raise EruvError(
            f"the encoder {init} sees {encoder.input} frames, and the configuration has input "
            f"{input}. Set input as in its config.json; for fine-tuning, leave it out."
        )
    return found


def _absolute(path: Path | str | None) -> str | None:
    return os.path.abspath(path) if path is not None else None
