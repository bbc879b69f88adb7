"""Experiments by method, network, data and seed: the words that tables are written in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eruv.reproduction.experiments import (
    Experiment,
    Finetuning,
    Pretraining,
    Probe,
    RelationTest,
    Retrieval,
)
from eruv.reproduction.outlines import Outline
from eruv.reproduction.scale import ABLATED, PAPER, Method, Scale
from eruv.reproduction.titles import PLACES

# For each seed, the experiments whose mean is its value.
Seeds = tuple[tuple[Experiment, ...], ...]
Relations = tuple[str, ...] | None


@dataclass(frozen=True)
class Factory:
    """What experiments are made from.

    Attributes:
        scale: configurations.
        outlines: of the sets there are, by place.
        seeds: of C3D, the network of the ablations; other networks take the first.
        extra_relations: further rows of Table II.
    """

    scale: Scale
    outlines: Mapping[str, Outline]
    seeds: tuple[int, ...] = (0,)
    extra_relations: tuple[tuple[str, ...], ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether measured values can be set against the paper's: its settings and its data."""
        official = all(outline.official for outline in self.outlines.values())
        return self.scale.name == PAPER and official

    def place_title(self, name: str) -> str:
        """How a place is called in tables; one that another set stands in is marked."""
        stand_in = name in self.outlines and not self.outlines[name].official
        return f"{PLACES[name]} (stand-in)" if stand_in else PLACES[name]

    def seeds_of(self, backbone: str) -> tuple[int, ...]:
        """All seeds for C3D, the first for others."""
        return self.seeds if backbone == ABLATED else self.seeds[:1]

    def encoder(
        self,
        method: Method,
        backbone: str,
        seed: int,
        relations: Relations = None,
        data: str = "untrimmed",
    ) -> Pretraining | None:
        """A pre-training; None where its data is not given."""
        if data not in self.outlines:
            return None
        config = self.scale.pretrain_config(method, backbone, seed, relations, data == "trimmed")
        return Pretraining(method, self.outlines[data].key(), config)

    def relation_tests(self, backbone: str) -> Seeds:
        """Table I."""
        encoders = [self.encoder("eruv", backbone, seed) for seed in self.seeds_of(backbone)]
        pairs = self.scale.pairs_per_relation
        return tuple((RelationTest(one, pairs),) for one in encoders if one)

    def finetunings(
        self,
        place: str,
        method: Method,
        backbone: str,
        *,
        relations: Relations = None,
        data: str = "untrimmed",
        all_splits: bool = False,
        labels_per_class: int | None = None,
    ) -> Seeds:
        """Trainings on labels, for each seed on the first split or on all.

        Args:
            place: ucf101 or hmdb51.
            method: what came before; `random` trains from scratch.
            backbone: name.
            relations: of ERUV, see `Scale.pretrain_config`.
            data: what was pre-trained on.
            all_splits: for backbones of which the scale trains them.
            labels_per_class: train with so few labels, and hold none of them out.
        """
        if place not in self.outlines:
            return ()
        outline, found = self.outlines[place], []
        splits = tuple(outline.splits)
        if not (all_splits and backbone in self.scale.all_splits):
            splits = splits[:1]
        for seed in self.seeds_of(backbone):
            config = replace(self.scale.finetuning[place, backbone], seed=seed)
            if labels_per_class is not None:
                # Every label is learned from, and the last weights are kept.
                config = replace(config, labels_per_class=labels_per_class, held_out=0)
            init = None
            if method != "random":
                init = self.encoder(method, backbone, seed, relations, data)
                if init is None:
                    return ()
            found.append(tuple(Finetuning(init, outline.key(split), config) for split in splits))
        return tuple(found)

    def retrievals(
        self, place: str, method: Method, backbone: str, data: str = "untrimmed"
    ) -> Seeds:
        """Tables V and VI, on split 1."""
        if place not in self.outlines:
            return ()
        asked = self.outlines[place].key()
        encoders = self._encoders(method, backbone, data)
        return tuple((Retrieval(encoder, asked),) for encoder in encoders)

    def probes(self, place: str, method: Method, backbone: str, data: str = "untrimmed") -> Seeds:
        """Linear probe and nearest neighbours, on split 1."""
        if place not in self.outlines:
            return ()
        asked = self.outlines[place].key()
        return tuple((Probe(one, asked),) for one in self._encoders(method, backbone, data))

    def _encoders(self, method: Method, backbone: str, data: str) -> list[Pretraining]:
        seeds = self.seeds_of(backbone)
        found = [self.encoder(method, backbone, seed, data=data) for seed in seeds]
        return [one for one in found if one]
