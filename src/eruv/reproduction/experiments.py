"""The experiments of the paper's tables and figures; each is known by its settings."""

import hashlib
import json
import re
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

from eruv.evaluation.features import Level
from eruv.pretext.relation_settings import RELATIONS
from eruv.reproduction.scales import COMPARISON, LINEAR, Method
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.pretrain_config import PretrainConfig
from eruv.training.start import FREE_SETTINGS

DIGEST_LETTERS = 10
# Raise it when the code changes what equal settings give: earlier runs are then made again.
PROTOCOL = 1
# What came later than keys is left out at its default; of relations these came first.
LATER = ("augmentation", "least_pairs", "most_pairs")
# In names of runs.
TITLES = {"random": "random", COMPARISON: "ERUV comparison"}
FIRST_OF_TASK = ("relations", "paired_window", "shuffle")


@dataclass(frozen=True)
class DataKey:
    """One split of a data set.

    Attributes:
        name: untrimmed, trimmed, joined, ucf101 or hmdb51: its place in the paper.
        split: number of the split; 1 for sets without splits.
        fingerprint: changes with the content; empty until the set is prepared.
    """

    name: str
    split: int = 1
    fingerprint: str = ""

    @property
    def title(self) -> str:
        return f"{self.name} split {self.split}" if self.split > 1 else self.name


@dataclass(frozen=True)
class Experiment(ABC):
    """Something to train, to measure or to draw.

    The fields of a subclass are all that shapes its result.
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is, for people."""

    @cached_property
    def settings(self) -> dict[str, Any]:
        """All that shapes its result, as plain values."""
        named = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {"kind": self.kind, **named}

    @cached_property
    def key(self) -> str:
        """Name of its folder: its title and a digest of all settings."""
        text = json.dumps([PROTOCOL, self.settings], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LETTERS]
        slug = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        return f"{slug}-{digest}"

    @property
    def needs(self) -> tuple["Experiment", ...]:
        """Experiments whose results it starts from."""
        return tuple(value for value in self._values if isinstance(value, Experiment))

    @property
    def data_names(self) -> tuple[str, ...]:
        """Data sets that it reads itself."""
        return tuple(value.name for value in self._values if isinstance(value, DataKey))

    @property
    def _values(self) -> tuple[Any, ...]:
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(
            one for value in values for one in (value if isinstance(value, tuple) else (value,))
        )


@dataclass(frozen=True)
class PretrainingRun(Experiment):
    """An encoder: pre-trained by a method, or with its initial, random weights."""

    kind = "pre-training"

    method: Method
    data: DataKey
    config: PretrainConfig

    @property
    def title(self) -> str:
        config = self.config
        name = TITLES.get(self.method, self.method.upper())
        is_part = not config.trimmed and len(config.classes) < len(RELATIONS)
        if is_part and self.method in (LINEAR, COMPARISON):
            name = f"{name} {relations_name(config.task.relations)}"
        return f"{name}, {config.backbone}, {self.data.name}, seed {config.seed}"


@dataclass(frozen=True)
class RelationTest(Experiment):
    """Table I: relation accuracy on held-out pairs."""

    kind = "relations"

    encoder: PretrainingRun
    pairs_per_relation: int

    @property
    def title(self) -> str:
        return f"relations of {self.encoder.title}"


@dataclass(frozen=True)
class FinetuningRun(Experiment):
    """Recognition: a training on labels and its ten-clip test; from scratch without `init`."""

    kind = "fine-tuning"

    init: PretrainingRun | None
    data: DataKey
    config: FinetuneConfig

    @property
    def title(self) -> str:
        few = self.config.labels_per_class
        scratch = f"scratch, {self.config.backbone}, seed {self.config.seed}"
        start = self.init.title if self.init else scratch
        labels = f", {few} labels a class" if few else ""
        return f"fine-tune on {self.data.title}{labels}: {start}"


@dataclass(frozen=True)
class FrozenTest(Experiment):
    """A measurement of frozen features."""

    encoder: PretrainingRun
    data: DataKey

    @property
    def title(self) -> str:
        return f"{self.kind} on {self.data.title}: {self.encoder.title}"


@dataclass(frozen=True)
class RetrievalTest(FrozenTest):
    """Nearest-neighbour retrieval."""

    kind = "retrieval"

    level: Level = "video"


@dataclass(frozen=True)
class ProbeTest(FrozenTest):
    """Linear probe and nearest neighbours."""

    kind = "probe"

    neighbours: int = 5


@dataclass(frozen=True)
class EmbeddingFigure(Experiment):
    """Fig. 5: features of three classes in the plane, a panel for each encoder."""

    kind = "embedding"

    encoders: tuple[PretrainingRun, ...]
    data: DataKey
    samples_of_class: int = 100
    method: str = "pca"
    seed: int = 0

    @property
    def title(self) -> str:
        return f"figure 5 on {self.data.title}, {self.method}"


@dataclass(frozen=True)
class AttentionFigure(Experiment):
    """Fig. 6: where encoders look in the first test video of a set."""

    kind = "attention"

    encoders: tuple[PretrainingRun, ...]
    data: DataKey

    @property
    def title(self) -> str:
        return f"figure 6 on {self.data.title}"


def relations_name(relations: tuple[str, ...]) -> str:
    """Relations as the paper writes them: C_{S,V,D,R}P_{I,D,S}."""
    groups = [
        (letter, [name[2:] for name in RELATIONS if name in relations and name[0] == letter])
        for letter in ("C", "P")
    ]
    return "".join(f"{letter}_{{{','.join(names)}}}" for letter, names in groups if names)


def _plain(value: Any) -> Any:
    """A field as plain values: experiments by key, data and configurations as dicts."""
    if isinstance(value, Experiment):
        return value.key
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, PretrainConfig | FinetuneConfig):
        return _shaping(value)
    return asdict(value) if isinstance(value, DataKey) else value


def _shaping(config: PretrainConfig | FinetuneConfig) -> dict[str, Any]:
    """A configuration without what changes speed only, under the names that keys began with."""
    shaping = {name: value for name, value in asdict(config).items() if name not in FREE_SETTINGS}
    if shaping["precision"] != "bf16":
        del shaping["precision"]
    if shaping["input"] in ("rgb", None):
        del shaping["input"]
    if isinstance(config, PretrainConfig):
        defaults = asdict(PretrainConfig())
        shaping["task"] = {
            name: value
            for name, value in shaping["task"].items()
            if name in FIRST_OF_TASK or value != defaults["task"][name]
        }
        for name in LATER:
            if shaping[name] == defaults[name]:
                del shaping[name]
    if "validation" in shaping:
        validation = shaping["validation"]
        validation["held_out"] = validation.pop("held_out_ids")
    return shaping
