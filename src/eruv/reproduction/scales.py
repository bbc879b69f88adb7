"""How large the paper's experiments are run: as in the paper, small, or as a smoke test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, get_args

from eruv.clips.spec import ClipSize
from eruv.models.backbones import BACKBONES
from eruv.pretext.relation_settings import COMPARED, TRIMMED_RELATIONS, RelationSettings
from eruv.training.augmentation import AugmentationSettings
from eruv.training.base_config import OptimizerSettings, TrainingConfig
from eruv.training.device import choose_device, resolve_precision
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.pretrain_config import PretrainConfig, recipe
from eruv.training.schedule import ScheduleSettings

Config = TypeVar("Config", bound=TrainingConfig)
Method = Literal["random", "vcop", "vcp", "eruv", "eruv_comparison"]
METHODS: tuple[Method, ...] = get_args(Method)
# As published, with one linear layer on both features; and with a head that can compare them.
LINEAR: Method = "eruv"
COMPARISON: Method = "eruv_comparison"
PAPER = "paper"
ABLATED = "c3d"  # the network of Tables I to III, and of Table IV's three splits

# Of the training list, held out for the choice of weights (fact 3); of sets that have another
# size than HMDB51, as large a share as it is of that.
HELD_OUT = {"ucf101": 800, "hmdb51": 400}
HELD_OUT_SHARE = 0.1

# Of the reduced scales, by docs/learning.md.
PUBLISHED_RATE = 1e-3
RATES: dict[Method, float] = {COMPARISON: 5e-4, "vcop": 1e-4}
# Methods with a pretext task of their own.
OTHER_TASKS = ("vcop", "vcp")
FINETUNING = FinetuneConfig(
    batch_size=16,
    steps=400,
    held_out=0,
    batch_norm_batches=6,
    optimizer=OptimizerSettings("adamw", learning_rate=1e-3),
    schedule=ScheduleSettings("cosine", warmup=0.05),
)


@dataclass(frozen=True)
class Scale:
    """Settings of all trainings.

    Attributes:
        name: paper, small or smoke.
        pretraining: by method and backbone, for ERUV with all relations; that of `random` says
            what the untrained network is. A method that the scale does not have is missing.
        finetuning: by labelled set and backbone.
        few_labels: labels of each class in the training with few labels.
        pairs_per_relation: size of the set of pairs of Table I.
        embedded: samples of each class in Fig. 5.
        all_splits: backbones that are fine-tuned on every split; others on the first one.
    """

    name: str
    pretraining: Mapping[tuple[Method, str], PretrainConfig]
    finetuning: Mapping[tuple[str, str], FinetuneConfig]
    few_labels: int
    pairs_per_relation: int
    embedded: int
    all_splits: frozenset[str]

    def with_own_labels(self, place: str) -> "Scale":
        """For a set of the user's own in the place of an official one."""
        own = {
            (name, backbone): replace(config, held_out=min(config.held_out, HELD_OUT_SHARE))
            if name == place
            else config
            for (name, backbone), config in self.finetuning.items()
        }
        return replace(self, finetuning=own)

    def with_pairs(self, pairs: int) -> "Scale":
        """With pre-trainings of so many samples, validated at their end where the scale does so."""

        def longer(config: PretrainConfig) -> PretrainConfig:
            validation = config.validation
            if validation.every_pairs is not None:
                validation = replace(validation, every_pairs=pairs)
            return replace(config, pairs=pairs, validation=validation)

        pretraining = {name: longer(config) for name, config in self.pretraining.items()}
        if pretraining == self.pretraining:
            return self
        return replace(self, name=f"{self.name}, {pairs:,} pairs", pretraining=pretraining)

    def for_device(self, device: str) -> "Scale":
        """With the precision of a device (auto, cpu or cuda), which a run's key depends on.

        Raises:
            EruvError: for a device that there is not, or a precision that it does not allow.
        """
        chosen = choose_device(device)

        def resolved(config: Config) -> Config:
            precision = resolve_precision(config.precision, chosen)
            # Runs that were started on CPU with `auto` continue with the same settings only.
            return config if precision == "fp32" else replace(config, precision=precision)

        return replace(
            self,
            pretraining={name: resolved(config) for name, config in self.pretraining.items()},
            finetuning={name: resolved(config) for name, config in self.finetuning.items()},
        )

    def pretrain_config(
        self,
        method: Method,
        backbone: str,
        seed: int,
        relations: tuple[str, ...] | None = None,
        trimmed: bool = False,
    ) -> PretrainConfig:
        """The configuration of one pre-training.

        Args:
            method: one of `METHODS` that the scale has.
            backbone: name.
            seed: of everything.
            relations: of eruv; None for all that the data has.
            trimmed: whether it sees trimmed clips, which have five relations (fact 6.8).
        """
        config = replace(self.pretraining[method, backbone], seed=seed, trimmed=trimmed)
        if relations is None and trimmed:
            relations = TRIMMED_RELATIONS
        if method in OTHER_TASKS or relations is None:
            return config
        task = replace(config.task, relations=relations)
        if not set(COMPARED) <= set(relations):
            task = replace(task, all_pairs=0.0)  # it tells those apart
        return replace(config, task=task)


def paper_scale() -> Scale:
    """The paper's settings, where it has any, and those of fact 3."""
    finetuning = {
        (place, backbone): FinetuneConfig(
            backbone=backbone, width=1.0, size=ClipSize(), held_out=held_out
        )
        for place, held_out in HELD_OUT.items()
        for backbone in BACKBONES
    }
    published = tuple(method for method in METHODS if method != COMPARISON)
    pretraining = _pretraining(_of_paper, published)
    return Scale(PAPER, pretraining, finetuning, 5, 100, 100, frozenset(BACKBONES))


def _of_paper(method: Method, backbone: str) -> PretrainConfig:
    if method in OTHER_TASKS:
        return replace(recipe(f"paper_c3d_{method}"), backbone=backbone)
    return recipe(f"paper_{backbone}")


def small_scale() -> Scale:
    """What two cores can do in six hours per seed."""
    return _reduced("small", FINETUNING, few_labels=5, pairs=100, embedded=100)


def smoke_scale() -> Scale:
    """What takes minutes: every code path, and nothing learned."""
    finetuning = replace(
        FINETUNING,
        batch_size=4,
        steps=2,
        batch_norm_batches=1,
        schedule=ScheduleSettings("cosine"),
        loader_workers=0,
    )
    scale = _reduced("smoke", finetuning, few_labels=1, pairs=2, embedded=4)
    return replace(scale, all_splits=frozenset())


def _reduced(
    name: str, finetuning: FinetuneConfig, few_labels: int, pairs: int, embedded: int
) -> Scale:
    """Every method and backbone on the same input and budget, at the rate that suits the method."""
    base = recipe(f"paper_{name}")

    def pretraining(method: Method, backbone: str) -> PretrainConfig:
        other, compares = method in OTHER_TASKS, method == COMPARISON
        return replace(
            base,
            backbone=backbone,
            pretext=method if other else "eruv",
            task=base.task if compares else RelationSettings(),
            augmentation=base.augmentation if compares else AugmentationSettings(),
            optimizer=replace(base.optimizer, learning_rate=RATES.get(method, PUBLISHED_RATE)),
            validation=replace(base.validation, keep="loss" if other else "accuracy"),
        )

    finetunings = {
        (place, backbone): replace(
            finetuning, backbone=backbone, width=base.width, size=base.size, input=base.input
        )
        for place in HELD_OUT
        for backbone in BACKBONES
    }
    every_split = frozenset({ABLATED})
    return Scale(
        name, _pretraining(pretraining), finetunings, few_labels, pairs, embedded, every_split
    )


def _pretraining(
    config: Callable[[Method, str], PretrainConfig], methods: tuple[Method, ...] = METHODS
) -> dict[tuple[Method, str], PretrainConfig]:
    return {(method, name): config(method, name) for method in methods for name in BACKBONES}


SCALES = {PAPER: paper_scale, "small": small_scale, "smoke": smoke_scale}
