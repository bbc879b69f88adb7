"""The validation set of THUMOS14: 1010 untrimmed videos, used without their labels (fact 8)."""

from pathlib import Path

from eruv.datasets.problems import counted, first_few
from eruv.media.discovery import find_videos
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

NUMBERS = range(1, 1011)


def thumos14_validation(folder: Path) -> tuple[list[Path], list[str]]:
    """The videos of the validation set anywhere below a folder.

    Returns:
        Absolute paths in the order of their numbers, and sentences about missing or superfluous
        files.

    Raises:
        EruvError: if the folder does not exist or holds none of them.
    """
    found: dict[str, Path] = {}
    others = []
    expected = {file_name(number) for number in NUMBERS}
    for path in find_videos([folder]):
        if path.name in expected and path.name not in found:
            found[path.name] = path
        else:
            others.append(printable(path))
    if not found:
        raise EruvError(
            f"{folder} holds {counted(len(others), 'video')}, and none of THUMOS14's validation "
            f"set ({file_name(1)} to {file_name(NUMBERS[-1])}). Pass the folder that does."
        )
    problems = []
    missing = sorted(expected - found.keys())
    if missing:
        problems.append(
            f"Missing in {printable(folder)}: {len(missing):,} of {len(expected):,} videos "
            f"({first_few(missing)}). The others are used."
        )
    if others:
        problems.append(
            f"Not used: {counted(len(others), 'video')} that the validation set does not have, "
            f"or a second time ({first_few(others)})."
        )
    return [found[name] for name in sorted(found)], problems


def file_name(number: int) -> str:
    """Name of the file of a video of the validation set."""
    return f"video_validation_{number:07d}.mp4"
