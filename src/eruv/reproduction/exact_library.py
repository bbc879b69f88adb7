"""A library of just the videos that are named: pre-training reads all that is in it."""

from collections.abc import Sequence
from pathlib import Path

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.video_pass import EditingSettings
from eruv.media.discovery import find_videos
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable


def ingest_exactly(videos: Sequence[Path], folder: Path, settings: EditingSettings | None) -> None:
    """Ingest files into a library; see `eruv.ingest`.

    Args:
        videos: files and folders.
        folder: of the library.
        settings: None for the defaults.

    Raises:
        EruvError: if the library has other videos besides, or cannot be made.
    """
    ingest(videos, folder, settings=settings)
    library, named = Library(folder), set(find_videos(videos))
    paths = library.paths()
    left = [name for name in library.video_ids() if named.isdisjoint(paths.get(name, ()))]
    if left:
        example = printable(paths[left[0]][0]) if left[0] in paths else f"proxy {left[0]}.mp4"
        raise EruvError(
            f"{printable(folder)} holds {len(left)} videos that are not among those to train on "
            f"(any more), for example {example}. Put them back as they were, or delete "
            f"{printable(folder)} and run the command again: the library is then made anew."
        )
