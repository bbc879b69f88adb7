"""What a user gives to the paper command, checked, and the sets and seeds that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.pretext.eruv import RELATIONS
from eruv.reproduction.built_in_sets import BuiltInClips, BuiltInFilms, FilmSet
from eruv.reproduction.scale import ABLATED, SCALES, Scale
from eruv.reproduction.sets import LabelledSource, PaperSets, UnlabelledSource
from eruv.reproduction.user_sets import LabelledFolder, OfficialSet, UntrimmedFolder
from eruv.utils.errors import EruvError

# Films to pre-train on, in UCF101's place, and in HMDB51's. No film is in two places. In the smoke
# test the seed is one with a take long enough for every operation of VCP on trimmed clips.
FILMS = {
    "small": (FilmSet("train", 0, 24), FilmSet("train", 1, 36), FilmSet("held_out", 1, 24)),
    "smoke": (FilmSet("train", 0, 4), FilmSet("train", 8, 3), FilmSet("held_out", 1, 3)),
}


@dataclass(frozen=True)
class Given:
    """Options of the paper command.

    Attributes:
        scale: paper, small or smoke.
        untrimmed: folder of untrimmed videos, THUMOS14's validation set in the paper.
        ucf101, ucf101_splits: folders of the clips and of the official split files.
        hmdb51, hmdb51_splits: the same.
        labelled: a folder per class, or a CSV table, in HMDB51's place.
        seeds: of C3D; other networks take the first.
        relations: further subsets for Table II.
    """

    scale: str = "paper"
    untrimmed: Path | None = None
    ucf101: Path | None = None
    ucf101_splits: Path | None = None
    hmdb51: Path | None = None
    hmdb51_splits: Path | None = None
    labelled: Path | None = None
    seeds: tuple[int, ...] = (0,)
    relations: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise EruvError(f"a scale is one of {', '.join(SCALES)}; got {self.scale}.")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0:
            raise EruvError(
                f"--seeds are numbers of at least 0, each once, as in 0,1,2; got "
                f"{','.join(map(str, self.seeds)) or 'none'}."
            )
        if self.hmdb51 and self.labelled:
            raise EruvError("--labelled stands in HMDB51's place: leave it or --hmdb51 out.")
        for name, path in self._paths().items():
            if not path.exists():
                raise EruvError(f"{name} {path} does not exist. Name a folder with videos.")
        if not self._built_in and not self._paths():
            raise EruvError(
                "there is no data: name --untrimmed, --ucf101 and --hmdb51 with folders, or ask "
                "for --small (built-in films, two hours a seed) or --smoke (minutes)."
            )

    def make_scale(self) -> Scale:
        """Configurations of all trainings."""
        scale = SCALES[self.scale]()
        return scale.with_own_labels("hmdb51") if self.labelled else scale

    def make_sets(self, folder: Path, scale: Scale) -> PaperSets:
        """Sets of videos, none of them prepared yet.

        Args:
            folder: where prepared sets go.
            scale: whose recipes say how videos are to be cut.
        """
        untrimmed: UnlabelledSource | None = None
        labelled: dict[str, LabelledSource] = {}
        if self._built_in:
            raw, first, second = FILMS[self.scale]
            untrimmed = BuiltInFilms(raw)
            labelled = {"ucf101": BuiltInClips(first), "hmdb51": BuiltInClips(second)}
        if self.untrimmed:
            untrimmed = UntrimmedFolder(self.untrimmed)
        if self.ucf101:
            labelled["ucf101"] = OfficialSet("ucf101", self.ucf101, self.ucf101_splits)
        if self.hmdb51:
            labelled["hmdb51"] = OfficialSet("hmdb51", self.hmdb51, self.hmdb51_splits)
        if self.labelled:
            labelled["hmdb51"] = LabelledFolder(self.labelled)
        detector = scale.pretraining["eruv", ABLATED].detector
        joined = "hmdb51" if self.labelled else None
        return PaperSets(folder, untrimmed, labelled, detector, joined)

    @property
    def _built_in(self) -> bool:
        return self.scale in FILMS

    def _paths(self) -> dict[str, Path]:
        named = {
            "--untrimmed": self.untrimmed,
            "--ucf101": self.ucf101,
            "--ucf101-splits": self.ucf101_splits,
            "--hmdb51": self.hmdb51,
            "--hmdb51-splits": self.hmdb51_splits,
            "--labelled": self.labelled,
        }
        return {name: path for name, path in named.items() if path is not None}


def relations_given(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Subsets of relations, each written as C_S,P_S, in the order of `RELATIONS`.

    Raises:
        EruvError: for fewer than two, or an unknown one.
    """
    subsets = []
    for word in words:
        names = word.split(",")
        unknown = [name for name in names if name not in RELATIONS]
        if unknown or len(set(names)) < max(2, len(names)):
            raise EruvError(
                f"--relations takes at least two of {', '.join(RELATIONS)}, each once and "
                f"separated by commas; got {word}."
            )
        subsets.append(tuple(name for name in RELATIONS if name in names))
    return tuple(dict.fromkeys(subsets))
