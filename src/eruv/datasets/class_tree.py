"""The videos of a folder by its subfolders, which are classes."""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from eruv.media.discovery import is_library, is_video, videos_below
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

NaturalKey = list[tuple[list[str | int], str]]


@dataclass(frozen=True)
class ClassTree:
    """The videos in a folder.

    Attributes:
        folder: its absolute path.
        videos: paths of all videos below each subfolder, by its name, in natural order.
        loose: videos in the folder itself.
    """

    folder: Path
    videos: dict[str, list[Path]]
    loose: list[Path]

    @classmethod
    def of(cls, folder: Path) -> "ClassTree":
        """Search a folder.

        Raises:
            EruvError: if it is no folder or cannot be listed.
        """
        folder = Path(os.path.abspath(folder))
        videos = {name: natural_order(videos_below(folder / name)) for name in subfolders(folder)}
        loose = [path for path in folder.iterdir() if is_video(path)]
        return cls(folder, videos, natural_order(loose))


def subfolders(folder: Path) -> list[str]:
    """Names of the subfolders, sorted; hidden ones and libraries are skipped.

    Raises:
        EruvError: if it is no folder or cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir()]
    except OSError as error:
        raise EruvError(
            f"cannot read the folder {printable(folder)}: {error.strerror}. "
            f"Pass the folder of a data set."
        ) from error
    return sorted(
        name for name in names if not name.startswith(".") and not _is_library(folder / name)
    )


def _is_library(folder: Path) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return is_library(names, names)


def folder_of_classes(folder: Path, classes: Collection[str]) -> Path:
    """The folder that has the class folders: this one or its only subfolder that has."""
    names = subfolders(folder)
    if not set(classes).isdisjoint(names):
        return folder
    holding = [
        folder / name for name in names if not set(classes).isdisjoint(subfolders(folder / name))
    ]
    return holding[0] if len(holding) == 1 else folder


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Sorted by folders and names, 2 before 10."""
    return sorted(paths, key=_natural_key)


def _natural_key(path: Path) -> NaturalKey:
    # Text and digits alternate, so that only values of one type are compared.
    runs = [(re.split("([0-9]+)", part), part) for part in path.parts]
    return [
        ([int(run) if number % 2 else run for number, run in enumerate(split)], part)
        for split, part in runs
    ]
