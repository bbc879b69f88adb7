"""Find the video files among the files and folders that a user names."""

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from eruv.utils.console import warn
from eruv.utils.errors import EruvError
from eruv.utils.paths import Paths, paths_of
from eruv.utils.storage.bucket import folder_below
from eruv.utils.storage.remote_path import RemotePath, absolute, is_remote

# Folders hold other files too; a file that is named itself is always tried.
_SUFFIXES = """
    .264 .265 .360 .3g2 .3gp .asf .avi .divx .dv .dvr-ms .f4v .flv .gif .h264 .h265 .hevc .insv
    .ismv .ivf .lrv .m1v .m2t .m2ts .m2v .m4v .mjpeg .mk3d .mkv .mod .mov .mp4 .mpe .mpeg .mpg .mqv
    .mts .mxf .nut .obu .ogm .ogv .qt .rm .rmvb .tod .tp .trp .ts .vob .vro .webm .wmv .wtv .y4m
"""
VIDEO_SUFFIXES = frozenset(_SUFFIXES.split())
# What a library folder holds, see eruv.library.catalogue.
LIBRARY_FILE, LIBRARY_FOLDER = "library.json", "catalogue"


def find_videos(paths: Paths) -> list[Path]:
    """All named files, and all files with a video's suffix below the named folders.

    Hidden files and folders are skipped, and so are links to folders, which could be circles, and
    libraries, whose proxies are no sources.

    Raises:
        EruvError: if a path does not exist, is neither file nor folder, or nothing was found.
    """
    found: set[Path] = set()
    named = [absolute(path) for path in paths_of(paths)]
    for path in named:
        if is_remote(path):
            found.update(_remote_videos(path))
        elif os.path.isdir(path):
            found.update(videos_below(path))
        elif os.path.isfile(path):
            found.add(path)
        elif os.path.exists(path):
            raise EruvError(f"{path} is neither a file nor a folder. Pass video files or folders.")
        else:
            raise EruvError(f"{path} does not exist. Pass video files or folders with videos.")
    if not found:
        raise EruvError(
            f"no video found in {', '.join(map(str, named))}. Files in folders are known by their "
            f"suffix ({' '.join(sorted(VIDEO_SUFFIXES)[:8])} ...); "
            f"a file named itself is always tried."
        )
    return sorted(found)


@dataclass(frozen=True)
class UnreadableFile:
    """A path that gave no video: why, and where in the file that was noticed."""

    path: str
    reason: str
    position: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason} ({self.position})" if self.position else self.reason


def search_videos(
    named: Paths, is_source: Callable[[Path], bool] = lambda path: True
) -> tuple[list[Path], list[UnreadableFile]]:
    """As `find_videos`, but a path that gives no video does not stop the others.

    Args:
        named: files and folders.
        is_source: whether a file in a folder is one of the videos.

    Returns:
        All videos, each once, and what gave none.

    Raises:
        EruvError: if there is no video at all.
    """
    found: set[Path] = set()
    unreadable: list[UnreadableFile] = []
    for name in paths_of(named):
        try:
            below = find_videos([name])
        except EruvError as error:
            unreadable.append(UnreadableFile(str(name), str(error)))
            continue
        found.update(filter(is_source, below) if name.is_dir() else below)
    if not found:
        raise no_videos(unreadable)
    return sorted(found), unreadable


def no_videos(unreadable: list[UnreadableFile]) -> EruvError:
    """The error where nothing that was named gave a video, with all reasons."""
    reasons = "; ".join(map(str, unreadable))
    return EruvError(reasons or "no video was named. Pass video files or folders.")


def videos_below(folder: Path) -> Iterator[Path]:
    """Files with a video's suffix below a folder, in no order; see `find_videos`."""
    return filter(is_video, files_below(folder, _say_unreadable))


def _remote_videos(path: RemotePath) -> Iterator[Path]:
    """An object, or the videos below a folder of a bucket."""
    if path.is_file():
        return iter([path])
    if path.is_dir():
        return videos_below(path)
    raise EruvError(f"{path} does not exist. Pass objects, or folders with videos.")


def files_below(
    folder: Path, on_error: Callable[[OSError], None] = lambda error: None
) -> Iterator[Path]:
    """Files below a folder, in no order, without hidden ones and libraries; see `find_videos`."""
    if is_remote(folder):
        yield from _objects_below(folder)
        return
    for parent, folders, names in os.walk(folder, onerror=on_error):
        if is_library(names, folders):
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _objects_below(folder: RemotePath) -> Iterator[Path]:
    files, folders = folder_below(folder)
    if is_library([path.name for path in files], [path.name for path in folders]):
        return
    yield from (path for path in files if not path.name.startswith("."))
    for inner in folders:
        if not inner.name.startswith("."):
            yield from _objects_below(inner)


def is_video(path: Path) -> bool:
    """Whether a path is a file with a video's suffix that is not hidden."""
    hidden = path.name.startswith(".")
    return path.suffix.lower() in VIDEO_SUFFIXES and not hidden and path.is_file()


def is_library(files: Collection[str], folders: Collection[str]) -> bool:
    """Whether the folder with these files and folders in it is a library."""
    return LIBRARY_FILE in files and LIBRARY_FOLDER in folders


def _say_unreadable(error: OSError) -> None:
    warn(f"eruv: cannot read the folder {error.filename}: {error.strerror}; it is skipped")
