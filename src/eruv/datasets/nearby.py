"""Find a library that holds the videos of a data set already, near the folder of an encoder."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from eruv.datasets.labelled_files import LabelledFiles
from eruv.library.catalogue import Library
from eruv.library.rows import FileStamp, Source
from eruv.library.video_pass import EditingSettings
from eruv.media.discovery import LIBRARY_FILE
from eruv.utils.console import say
from eruv.utils.paths import printable

# Where commands put a library by default, beside an encoder or in it.
PLACES = ("*/library", "*/retrieval/library", "*/probe/library", "library")


def library_for(files: LabelledFiles, default: Path, near: Iterable[Path | str]) -> Path:
    """The default library if it exists, else one nearby that holds all the files, else the default.

    Args:
        files: of a data set.
        default: folder of the library that the command makes.
        near: folders of encoders, beside which it is looked for.
    """
    if (default / LIBRARY_FILE).exists():
        return default
    for folder in _libraries_beside(near):
        if _holds(folder, files):
            say(f"dataset: its videos are in the library {printable(folder)} already")
            return folder
    return default


def _libraries_beside(folders: Iterable[Path | str]) -> Iterator[Path]:
    for parent in {Path(folder).absolute().parent: None for folder in folders}:
        for place in PLACES:
            yield from sorted(path.parent for path in parent.glob(f"{place}/{LIBRARY_FILE}"))


def _holds(folder: Path, files: LabelledFiles) -> bool:
    try:
        library = Library(folder)
        sources = library.sources()
    except Exception:  # a broken library that the user did not name stops no command
        return False
    return library.settings == EditingSettings() and all(
        _is_current(sources.get(file.path)) for file in files.files
    )


def _is_current(source: Source | None) -> bool:
    try:
        return source is not None and FileStamp.of(source.path) == source.stamp
    except OSError:
        return False
