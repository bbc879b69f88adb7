"""A study: the experiments that a scale, its data sets and its seeds allow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eruv.reproduction.cells import SeedRuns
from eruv.reproduction.data import DatasetInfo
from eruv.reproduction.experiments import (
    FinetuningRun,
    PretrainingRun,
    ProbeTest,
    RelationTest,
    RetrievalTest,
)
from eruv.reproduction.scales import ABLATED, PAPER, Method, Scale

PLACES = {"untrimmed": "THUMOS14", "ucf101": "UCF101", "hmdb51": "HMDB51"}
LABELLED_PLACES = ("ucf101", "hmdb51")
METHOD_TITLES = {
    "random": "random",
    "vcop": "VCOP",
    "vcp": "VCP",
    "eruv": "ERUV",
    "eruv_comparison": "ERUV, comparison head",
}
NETWORK_TITLES = {"c3d": "C3D", "r3d": "R3D", "r2plus1d": "R(2+1)D"}


@dataclass(frozen=True)
class Study:
    """What experiments are made from.

    Attributes:
        scale: configurations.
        data: what is known of the data sets there are, by their place in the paper.
        seeds: of C3D, the network of the ablations; other networks take the first.
        extra_relations: further rows of Table II.
    """

    scale: Scale
    data: Mapping[str, DatasetInfo]
    seeds: tuple[int, ...] = (0,)
    extra_relations: tuple[tuple[str, ...], ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether measured values can be compared with the paper's: its settings and its data."""
        return self.scale.name == PAPER and all(info.official for info in self.data.values())

    def place_title(self, name: str) -> str:
        """How a data set is called in tables; other data in its place is marked."""
        stand_in = name in self.data and not self.data[name].official
        return f"{PLACES[name]} (stand-in)" if stand_in else PLACES[name]

    def seeds_of(self, backbone: str) -> tuple[int, ...]:
        """All seeds for C3D, the first for others."""
        return self.seeds if backbone == ABLATED else self.seeds[:1]

    def encoder(
        self,
        method: Method,
        backbone: str,
        seed: int,
        relations: tuple[str, ...] | None = None,
        data: str = "untrimmed",
    ) -> PretrainingRun | None:
        """A pre-training; None where its data is missing, or the scale lacks the method."""
        if data not in self.data or (method, backbone) not in self.scale.pretraining:
            return None
        config = self.scale.pretrain_config(method, backbone, seed, relations, data == "trimmed")
        return PretrainingRun(method, self.data[data].key(), config)

    def encoders(
        self, method: Method, backbone: str, data: str = "untrimmed"
    ) -> list[PretrainingRun]:
        """The same with every seed."""
        seeds = self.seeds_of(backbone)
        made = [self.encoder(method, backbone, seed, data=data) for seed in seeds]
        return [one for one in made if one]

    def relation_tests(self, method: Method, backbone: str) -> SeedRuns:
        """Table I."""
        pairs = self.scale.pairs_per_relation
        return tuple((RelationTest(one, pairs),) for one in self.encoders(method, backbone))

    def finetunings(
        self,
        place: str,
        method: Method,
        backbone: str,
        *,
        relations: tuple[str, ...] | None = None,
        data: str = "untrimmed",
        all_splits: bool = False,
        labels_per_class: int | None = None,
    ) -> SeedRuns:
        """Trainings on labels, with every seed.

        Args:
            place: ucf101 or hmdb51.
            method: of the pre-training; `random` trains from scratch.
            backbone: name.
            relations: of ERUV, see `Scale.pretrain_config`.
            data: of the pre-training.
            all_splits: train on every split, for backbones of which the scale does; else on the
                first.
            labels_per_class: train with so few labels, and hold none of them out.
        """
        if place not in self.data:
            return ()
        splits = tuple(self.data[place].splits)
        if not (all_splits and backbone in self.scale.all_splits):
            splits = splits[:1]
        runs = []
        for seed in self.seeds_of(backbone):
            config = replace(self.scale.finetuning[place, backbone], seed=seed)
            if labels_per_class is not None:
                config = replace(config, labels_per_class=labels_per_class, held_out=0)
            scratch = method == "random"
            init = None if scratch else self.encoder(method, backbone, seed, relations, data)
            if init or scratch:
                keys = map(self.data[place].key, splits)
                runs.append(tuple(FinetuningRun(init, key, config) for key in keys))
        return tuple(runs)

    def frozen_tests(
        self,
        test: type[RetrievalTest] | type[ProbeTest],
        place: str,
        method: Method,
        backbone: str,
        data: str = "untrimmed",
    ) -> SeedRuns:
        """Tests of frozen features on split 1, with every seed."""
        if place not in self.data:
            return ()
        key = self.data[place].key()
        return tuple((test(one, key),) for one in self.encoders(method, backbone, data))
