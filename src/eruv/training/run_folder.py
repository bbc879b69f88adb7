"""A run on disk: its settings, what it was trained on, and what came out.

run.json                      configuration, data, split, versions
data/train, data/held_out     the segments, as arrays
config.json, model.safetensors, README.md    the best encoder: eruv.load(folder)
head.safetensors              its head, for relation evaluation
metrics.jsonl, tensorboard/   the course of the training
resume/                       the last two checkpoints
log.txt                       messages, with their times, and errors with their traces
done.json                     there when the training has reached its end
relations.json                relation evaluation
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from eruv.training.base_config import TrainingConfig
from eruv.training.pretrain_config import PretrainConfig
from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import is_address, place

Config = TypeVar("Config", bound=TrainingConfig)

RESUME = "resume"
# In run.json: the configuration as given, and its name in earlier versions.
CONFIGURED, EARLIER_CONFIGURED = "configured", "asked"


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run."""

    folder: Path

    @property
    def training_data(self) -> Path:
        return self.folder / "data" / "train"

    @property
    def held_out_data(self) -> Path:
        return self.folder / "data" / "held_out"

    @property
    def started(self) -> bool:
        return (self.folder / "run.json").exists()

    @property
    def finished(self) -> bool:
        return (self.folder / "done.json").exists()

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the run.

        Raises:
            EruvError: if it is not there (yet), or damaged.
        """
        path = self.folder / name
        if not path.exists():
            raise EruvError(
                f"{self.folder} has no {name}: "
                + (
                    "the run has not got that far yet; run the same command again to continue."
                    if self.started
                    else "it is not a run. Make one with: eruv pretrain LIBRARY --to RUN"
                )
            )
        try:
            stored: Any = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise EruvError(f"{path} is damaged: {error}. Train into another folder.") from error
        if isinstance(stored, dict) and EARLIER_CONFIGURED in stored:
            stored[CONFIGURED] = stored.pop(EARLIER_CONFIGURED)
        return cast(dict[str, Any], stored)

    def settings(self, stage: str) -> dict[str, Any]:
        """What run.json holds.

        Args:
            stage: that must have started the run: pretrain or finetune.

        Raises:
            EruvError: if there is no run, or one of another stage.
        """
        stored = self.read("run.json")
        found = stored.get("stage", "pretrain")
        if found != stage:
            raise EruvError(
                f"{self.folder} holds what eruv {found} made; this needs what eruv {stage} made. "
                f"Choose another folder."
            )
        return stored

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_text(self.folder / name, json.dumps(content, indent=2) + "\n")

    def configuration(self, stage: str, kind: type[Config], name: str = "config") -> Config:
        """A configuration in run.json.

        Args:
            stage: see `settings`.
            kind: of the configuration.
            name: "config" (with everything resolved) or "configured" (as given).

        Raises:
            EruvError: as `settings` does; or for settings that this version does not have.
        """
        stored = self.settings(stage)
        try:
            return kind.from_dict(stored[name])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise EruvError(
                f"{self.folder / 'run.json'} has no settings that this version of eruv can read: "
                f"{error}. A newer version made it, or it is damaged: install the newest version, "
                f"or train into another folder."
            ) from error

    @property
    def configured(self) -> PretrainConfig:
        """The configuration that the run was started with, before anything was resolved."""
        return self.configuration("pretrain", PretrainConfig, CONFIGURED)

    @property
    def config(self) -> PretrainConfig:
        return self.configuration("pretrain", PretrainConfig)

    @property
    def library_folder(self) -> Path:
        """Folder of the library that the run was started on."""
        library = str(self.read("run.json")["library"])
        if is_address(library):
            return place(library)
        return Path(os.path.normpath(self.folder / library))
