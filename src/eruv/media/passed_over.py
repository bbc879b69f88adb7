"""Count the files in folders that are not taken for videos, so that a missing one is noticed."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from eruv.media.discovery import files_below, is_video
from eruv.utils.paths import printable
from eruv.utils.storage.remote_path import absolute

NO_SUFFIX = "no suffix"


def passed_over(named: Collection[Path], own_suffixes: Collection[str] = ()) -> dict[str, int]:
    """Number of files below the named folders that are no videos, by suffix, the most first.

    Hidden files, and libraries, do not count.

    Args:
        named: files and folders.
        own_suffixes: last two suffixes of files that the command writes itself, which do not count.
    """
    files = {path for folder in named if folder.is_dir() for path in files_below(absolute(folder))}
    counts = Counter(
        path.suffix.lower() or NO_SUFFIX
        for path in files
        if not is_video(path) and "".join(path.suffixes[-2:]) not in own_suffixes
    )
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def counted_by_suffix(counts: dict[str, int]) -> str:
    """How many files were passed over, as a line for people."""
    kinds = ", ".join(f"{number:,} {printable(Path(suffix))}" for suffix, number in counts.items())
    return f"{sum(counts.values()):,} other files skipped: {kinds}"
