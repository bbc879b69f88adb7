"""The options of `eruv.paper`, checked, and the scale and data sets that follow from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eruv.pretext.relation_settings import RELATIONS
from eruv.reproduction.built_in_data import FilmSet, built_in_clips, built_in_films
from eruv.reproduction.data import PaperData
from eruv.reproduction.scales import ABLATED, SCALES, Scale
from eruv.reproduction.sources import (
    LabelledSource,
    UnlabelledSource,
    labelled_folder,
    official_set,
    untrimmed_folder,
)
from eruv.utils.errors import EruvError

# Films to pre-train on, in UCF101's place, and in HMDB51's. No film is in two places. How hard the
# latter two are was chosen on other films (docs/benchmarks/labelled_stand_ins.md). In the smoke
# test the training films have all actions, and takes long enough for every operation of VCP.
FILMS = {
    "small": (
        FilmSet(0, train=24, bystanders=4),
        FilmSet(1, train=18, held_out=36, bystanders=4),
        FilmSet(2, train=12, held_out=36, bystanders=4),
    ),
    "smoke": (
        FilmSet(0, train=4),
        FilmSet(19, train=3, held_out=3, bystanders=1),
        FilmSet(5, train=3, held_out=3, bystanders=1),
    ),
}


@dataclass(frozen=True)
class PaperOptions:
    """Options of `eruv.paper`, see there; `paths` by the names of its arguments."""

    scale: str = "paper"
    paths: Mapping[str, Path] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)
    pairs: int | None = None

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise EruvError(f"scale must be one of {', '.join(SCALES)}; got {self.scale}.")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0:
            raise EruvError(
                f"seeds must be numbers of at least 0, each once, as in 0,1,2; got "
                f"{','.join(map(str, self.seeds)) or 'none'}."
            )
        if self.pairs is not None and self.pairs < 1:
            raise EruvError(f"pairs must be at least 1; got {self.pairs}.")
        if {"hmdb51", "labelled"} <= set(self.paths):
            raise EruvError("labelled takes HMDB51's place: pass labelled or hmdb51, not both.")
        for name, path in self.paths.items():
            if not path.exists():
                raise EruvError(f"{name}: {path} does not exist. Pass a folder with videos.")
        if self.scale not in FILMS and not self.paths:
            raise EruvError(
                "there is no data: pass folders with untrimmed, ucf101 and hmdb51, or choose the "
                "scale small (built-in films, six hours per seed) or smoke (minutes)."
            )

    def make_scale(self) -> Scale:
        """Configurations of all trainings."""
        scale = SCALES[self.scale]()
        if self.pairs is not None:
            scale = scale.with_pairs(self.pairs)
        return scale.with_own_labels("hmdb51") if "labelled" in self.paths else scale

    def make_data(self, folder: Path, scale: Scale) -> PaperData:
        """Data sets, none of them prepared yet.

        Args:
            folder: where prepared sets go.
            scale: whose recipe names the detector of shots.
        """
        untrimmed: UnlabelledSource | None = None
        labelled: dict[str, LabelledSource] = {}
        paths = self.paths
        if self.scale in FILMS:
            raw, first, second = FILMS[self.scale]
            untrimmed = built_in_films(raw)
            labelled = {"ucf101": built_in_clips(first), "hmdb51": built_in_clips(second)}
        if "untrimmed" in paths:
            untrimmed = untrimmed_folder(paths["untrimmed"])
        for name in ("ucf101", "hmdb51"):
            if name in paths:
                labelled[name] = official_set(name, paths[name], paths.get(f"{name}_splits"))
        if "labelled" in paths:
            labelled["hmdb51"] = labelled_folder(paths["labelled"])
        detector = scale.pretraining["eruv", ABLATED].detector
        joined = "hmdb51" if "labelled" in paths else None
        return PaperData(folder, untrimmed, labelled, detector, joined)


def relation_subsets(subsets: Iterable[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Subsets of relations, each once and in the order of `RELATIONS`.

    Args:
        subsets: each as names, or as a text such as C_S,P_S.

    Raises:
        EruvError: for fewer than two, or an unknown one.
    """
    found = []
    for subset in subsets:
        names = subset.split(",") if isinstance(subset, str) else list(subset)
        unknown = [name for name in names if name not in RELATIONS]
        if unknown or len(set(names)) < max(2, len(names)):
            raise EruvError(
                f"each of relations must have at least two of {', '.join(RELATIONS)}, each once "
                f"and separated by commas; got {','.join(names)}."
            )
        found.append(tuple(name for name in RELATIONS if name in names))
    return tuple(dict.fromkeys(found))
