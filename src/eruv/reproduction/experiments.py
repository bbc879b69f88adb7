"""What there is to train and to measure for the paper's tables; each is known by its settings."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from eruv.evaluation.features import Level
from eruv.pretext.eruv import RELATIONS
from eruv.reproduction.scale import Method
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.pretrain_config import PretrainConfig
from eruv.training.start import FREE_SETTINGS

DIGEST_LETTERS = 10
# Raised when the code changes what equal settings give: runs of before are not taken again then.
PROTOCOL = 1


class Experiment(Protocol):
    """One thing to train or to measure."""

    @property
    def title(self) -> str:
        """What it is, for people."""

    @property
    def settings(self) -> dict[str, Any]:
        """All that shapes its result, as plain values."""

    @property
    def needs(self) -> tuple["Experiment", ...]:
        """What must be there before it."""


@dataclass(frozen=True)
class DataKey:
    """One split of a set of videos.

    Attributes:
        name: untrimmed, trimmed, joined, ucf101 or hmdb51: the place that the set has in the paper.
        split: number of the split; 1 for sets without splits.
        fingerprint: changes with the content; empty while the set is not prepared.
    """

    name: str
    split: int = 1
    fingerprint: str = ""

    @property
    def title(self) -> str:
        return f"{self.name} split {self.split}" if self.split > 1 else self.name


@dataclass(frozen=True)
class Pretraining:
    """An encoder: pre-trained by a method, or as random initialisation left it."""

    method: Method
    data: DataKey
    config: PretrainConfig

    @property
    def title(self) -> str:
        named = relations_name(self.config.task.relations) if self._is_ablated else ""
        parts = (self.method.upper() if self.method != "random" else "random", named)
        words = " ".join(part for part in parts if part)
        config = self.config
        return f"{words}, {config.backbone}, {self.data.name}, seed {config.seed}"

    @property
    def _is_ablated(self) -> bool:
        return self.method == "eruv" and not self.config.trimmed and len(self.config.classes) < 7

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "kind": "pre-training",
            "method": self.method,
            "data": asdict(self.data),
            "config": _shaping(self.config),
        }

    @property
    def needs(self) -> tuple[Experiment, ...]:
        return ()


@dataclass(frozen=True)
class RelationTest:
    """Table I: relation accuracy on held-out pairs."""

    encoder: Pretraining
    pairs_per_relation: int

    @property
    def title(self) -> str:
        return f"relations of {self.encoder.title}"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "kind": "relations",
            "encoder": key_of(self.encoder),
            "pairs_per_relation": self.pairs_per_relation,
        }

    @property
    def needs(self) -> tuple[Experiment, ...]:
        return (self.encoder,)


@dataclass(frozen=True)
class Finetuning:
    """Recognition: a training on labels and its ten-clip test.

    Attributes:
        init: the encoder to start from; None trains from scratch.
        data: labelled set and split.
        config: of the training.
    """

    init: Pretraining | None
    data: DataKey
    config: FinetuneConfig

    @property
    def title(self) -> str:
        few = self.config.labels_per_class
        scratch = f"scratch, {self.config.backbone}, seed {self.config.seed}"
        of = self.init.title if self.init else scratch
        labels = f", {few} labels a class" if few else ""
        return f"fine-tune on {self.data.title}{labels}: {of}"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "kind": "fine-tuning",
            "init": key_of(self.init) if self.init else None,
            "data": asdict(self.data),
            "config": _shaping(self.config),
        }

    @property
    def needs(self) -> tuple[Experiment, ...]:
        return (self.init,) if self.init else ()


@dataclass(frozen=True)
class Retrieval:
    """Nearest-neighbour retrieval with frozen features."""

    encoder: Pretraining
    data: DataKey
    level: Level = "video"

    @property
    def title(self) -> str:
        return f"retrieval on {self.data.title}: {self.encoder.title}"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "kind": "retrieval",
            "encoder": key_of(self.encoder),
            "data": asdict(self.data),
            "level": self.level,
        }

    @property
    def needs(self) -> tuple[Experiment, ...]:
        return (self.encoder,)


@dataclass(frozen=True)
class Probe:
    """Linear probe and nearest neighbours on frozen features."""

    encoder: Pretraining
    data: DataKey
    neighbours: int = 5

    @property
    def title(self) -> str:
        return f"probe on {self.data.title}: {self.encoder.title}"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "kind": "probe",
            "encoder": key_of(self.encoder),
            "data": asdict(self.data),
            "neighbours": self.neighbours,
        }

    @property
    def needs(self) -> tuple[Experiment, ...]:
        return (self.encoder,)


@dataclass(frozen=True)
class EmbeddingFigure:
    """Fig. 5: features of three classes in the plane, a panel for each encoder."""

    encoders: tuple[Pretraining, ...]
    data: DataKey
    samples_of_class: int = 100
    method: str = "pca"
    seed: int = 0

    @property
    def title(self) -> str:
        return f"figure 5 on {self.data.title}, {self.method}"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "kind": "embedding",
            "encoders": [key_of(one) for one in self.encoders],
            "data": asdict(self.data),
            "samples_of_class": self.samples_of_class,
            "method": self.method,
            "seed": self.seed,
        }

    @property
    def needs(self) -> tuple[Experiment, ...]:
        return self.encoders


@dataclass(frozen=True)
class AttentionFigure:
    """Fig. 6: where encoders look in the first test video of a set."""

    encoders: tuple[Pretraining, ...]
    data: DataKey

    @property
    def title(self) -> str:
        return f"figure 6 on {self.data.title}"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "kind": "attention",
            "encoders": [key_of(one) for one in self.encoders],
            "data": asdict(self.data),
        }

    @property
    def needs(self) -> tuple[Experiment, ...]:
        return self.encoders


def key_of(experiment: Experiment) -> str:
    """A name for people and a digest of all settings: equal for equal settings only."""
    words = json.dumps([PROTOCOL, experiment.settings], sort_keys=True)
    digest = hashlib.sha256(words.encode()).hexdigest()[:DIGEST_LETTERS]
    slug = re.sub(r"[^a-z0-9]+", "-", experiment.title.lower()).strip("-")
    return f"{slug}-{digest}"


def relations_name(relations: tuple[str, ...]) -> str:
    """Relations as the paper writes them: C_{S,V,D,R}P_{I,D,S}."""
    groups = [
        (letter, [name[2:] for name in RELATIONS if name in relations and name[0] == letter])
        for letter in ("C", "P")
    ]
    return "".join(f"{letter}_{{{','.join(names)}}}" for letter, names in groups if names)


def _shaping(config: PretrainConfig | FinetuneConfig) -> dict[str, Any]:
    """A configuration without what changes speed only, under the names that keys began with."""
    shaping = {name: value for name, value in asdict(config).items() if name not in FREE_SETTINGS}
    if shaping["precision"] != "bf16":
        del shaping["precision"]
    if "validation" in shaping:
        validation = shaping["validation"]
        validation["held_out"] = validation.pop("held_out_ids")
    return shaping
