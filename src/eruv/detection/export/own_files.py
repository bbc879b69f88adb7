"""Which files `eruv shots` wrote, by marks and names; no other file is ever replaced."""

import os
import re
from collections.abc import Collection
from pathlib import Path

import av
import av.error

from eruv.detection.detect import ShotList
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

# A mark of `eruv shots` stands within the first bytes of its files.
HEAD_BYTES = 2048
MADE_BY = "eruv shots:"
SUFFIXES = (".mp4", ".mov", ".mkv")
PICTURE_SUFFIXES = (".jpg",)
JPEG_START, JPEG_COMMENT = b"\xff\xd8", b"\xff\xfe"


def make_folder(folder: Path) -> None:
    """Make a folder and check that it can be written to.

    Raises:
        EruvError: if it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".eruv.{os.getpid()}.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise EruvError(
            f"cannot write to the folder {folder}: {error.strerror}. Choose another folder."
        ) from error


def has_mark(path: Path, mark: str) -> bool:
    """Whether `path` is a file with this mark among its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return mark.encode() in file.read(HEAD_BYTES)


def refuse_foreign(path: Path, own: bool, command: str = "shots") -> None:
    """Stop before a file is replaced that a command of `eruv` did not write.

    Raises:
        EruvError: if there is such a file.
    """
    if os.path.lexists(path) and not own:
        raise EruvError(
            f"{path} exists and was not written by eruv {command}. "
            f"Move it away, or choose another folder."
        )


def comment_of(shots: ShotList, number: int) -> str:
    """The comment in the file of a shot, counted from 1."""
    shot = shots.shots[number - 1]
    frames = f"frames {shot.start} to {shot.end - 1}"
    return f"{MADE_BY} shot {number} of {_name(shots)}, {frames}"


def shot_names(shots: ShotList, stem: str) -> list[str]:
    """Names of the files of all shots: STEM-001.mp4 ... in the container of the source.

    MP4 and QuickTime stay what they are; all others become Matroska, which takes any codec.
    """
    return _numbered(shots, stem, container_suffix(shots.path))


def container_suffix(path: Path) -> str:
    """The suffix of files that are cut out of a file, see `shot_names`."""
    suffix = path.suffix.lower()
    return {".mp4": ".mp4", ".m4v": ".mp4", ".mov": ".mov"}.get(suffix, ".mkv")


def picture_names(shots: ShotList, stem: str) -> list[str]:
    """Names of the pictures of all shots: STEM-001.jpg ..."""
    return _numbered(shots, stem, PICTURE_SUFFIXES[0])


def _numbered(shots: ShotList, stem: str, suffix: str) -> list[str]:
    digits = max(3, len(str(len(shots.shots))))
    return [f"{stem}-{number:0{digits}d}{suffix}" for number in range(1, len(shots.shots) + 1)]


def with_comment(jpeg: bytes, comment: str) -> bytes:
    """A JPEG file with this comment, as its first segment."""
    text = comment.encode()
    size = (len(text) + 2).to_bytes(2, "big")
    return JPEG_START + JPEG_COMMENT + size + text + jpeg[len(JPEG_START) :]


def is_own_shot(path: Path, folder: Path) -> bool:
    """Whether a video lies in this folder of shots and was written there by `eruv shots`."""
    return path.parent.resolve() == folder.resolve() and file_comment(path).startswith(MADE_BY)


def refuse_foreign_shots(
    folder: Path, stem: str, videos: Collection[Path], suffixes: tuple[str, ...] = SUFFIXES
) -> None:
    """Stop at once if names of shots are taken by other files.

    Args:
        folder: for the shots.
        stem: of their names.
        videos: to read; these are other files, too.
        suffixes: of the shots.

    Raises:
        EruvError: if there is such a file.
    """
    read = {path.resolve() for path in videos}
    for path in _named_like_shots(folder, stem, suffixes):
        own = path.resolve() not in read and file_comment(path).startswith(MADE_BY)
        refuse_foreign(path, own)


def _named_like_shots(folder: Path, stem: str, suffixes: tuple[str, ...]) -> list[Path]:
    shape = re.compile(re.escape(stem) + r"-\d{3,}")
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in suffixes and shape.fullmatch(path.stem)
    ]


def remove_stale(
    shots: ShotList,
    folder: Path,
    stem: str,
    paths: list[Path],
    suffixes: tuple[str, ...] = SUFFIXES,
) -> None:
    """Remove files of this video that an earlier call wrote and this one did not."""
    for path in set(_named_like_shots(folder, stem, suffixes)) - set(paths):
        if re.match(rf"{MADE_BY} shot \d+ of {re.escape(_name(shots))}, ", file_comment(path)):
            path.unlink()


def _name(shots: ShotList) -> str:
    return printable(Path(shots.path.name))


def file_comment(path: Path) -> str:
    """The comment in a video file, or at the start of a picture; empty if it is neither."""
    if path.suffix in PICTURE_SUFFIXES:
        return _comment_of_picture(path)
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            tags = {key.lower(): value for key, value in container.metadata.items()}
    except (av.error.FFmpegError, ValueError):
        return ""
    return tags.get("comment", "")


def _comment_of_picture(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return ""
    if not head.startswith(JPEG_START + JPEG_COMMENT):
        return ""
    return head[6 : 4 + int.from_bytes(head[4:6], "big")].decode("utf-8", "replace")
