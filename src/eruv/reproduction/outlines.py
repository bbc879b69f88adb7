"""What is known of a set of videos before and after it is prepared."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from eruv.reproduction.experiments import DataKey
from eruv.utils.atomic import read_record, replace_text

PREPARED = "prepared.json"


@dataclass(frozen=True)
class SplitOutline:
    """One split, or the whole of a set without splits.

    Attributes:
        fingerprint: changes with the content; empty while the set is not prepared.
        train, test: labelled videos; None while that is not known.
        classes: of labelled videos; None while that is not known.
        segments: to pre-train on; None for labelled sets, and while that is not known.
    """

    fingerprint: str = ""
    train: int | None = None
    test: int | None = None
    classes: int | None = None
    segments: int | None = None


@dataclass(frozen=True)
class Outline:
    """A set of videos.

    Attributes:
        name: its place in the paper: untrimmed, trimmed, joined, ucf101 or hmdb51.
        title: what stands in that place, for people.
        splits: by number.
        official: whether it is the very set that the paper has in that place.
        notes: sentences on what is special about it.
    """

    name: str
    title: str
    splits: Mapping[int, SplitOutline]
    official: bool = False
    notes: tuple[str, ...] = ()

    def key(self, split: int = 1) -> DataKey:
        """The data of a split, as experiments name it."""
        return DataKey(self.name, split, self.splits[split].fingerprint)

    def save(self, folder: Path) -> None:
        """Write down that the set in a folder is prepared."""
        folder.mkdir(parents=True, exist_ok=True)
        replace_text(folder / PREPARED, json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> "Outline | None":
        """The outline of a prepared set; None where there is none yet."""
        stored = read_record(folder / PREPARED)
        if stored is None:
            return None
        splits = {int(n): SplitOutline(**split) for n, split in stored.pop("splits").items()}
        return cls(**stored | {"splits": splits, "notes": tuple(stored["notes"])})
