"""`eruv remove`: forget videos of a library; their own files stay."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from eruv.library.catalogue import Library
from eruv.library.catalogue_table import CatalogueTable
from eruv.library.page_folder import page_folder
from eruv.library.rows import ENCODERS, VECTORS
from eruv.library.table_errors import write_errors
from eruv.media.discovery import LIBRARY_FOLDER
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from eruv.utils.paths import Paths, paths_of, printable
from eruv.utils.results import Result
from eruv.utils.signals import deferred_interrupt
from eruv.utils.storage.remote_path import absolute, place


@dataclass(frozen=True)
class RemoveResult(Result):
    """What was forgotten.

    Attributes:
        library: its folder.
        removed: videos, by the name of their file.
        videos: that the library still has.
    """

    library: str
    removed: list[str]
    videos: int


def remove(library: Path | str, videos: Paths) -> RemoveResult:
    """Forget videos: their shots, segments, vectors and proxies. Their own files are not touched.

    A file that is still there comes back when it is ingested again. Encoders that were trained on
    these videos stay as they are, but cannot be trained on.

    Args:
        library: folder made by `ingest`.
        videos: files, folders, or ids of videos.

    Raises:
        EruvError: if there is no such library, another process is writing to it, or it has no
            such video; then nothing is removed.
    """
    opened = Library(Path(library))
    encoders = opened.folder / ENCODERS
    encoders.mkdir(exist_ok=True)
    # No ingest and no embedding at the same time: they would write what is being removed.
    with folder_lock(opened.folder), folder_lock(encoders):
        names = opened.paths()
        chosen = _chosen(opened, names, videos)
        with deferred_interrupt(), write_errors(opened.folder):
            _forget(opened, chosen)
        for video_id in chosen:
            opened.proxy_path(video_id).unlink(missing_ok=True)
        # Pictures and previews of them would stay otherwise.
        shutil.rmtree(page_folder(opened.folder), ignore_errors=True)
        opened.compact()
    removed = [printable(names[one][0]) if one in names else one for one in chosen]
    return RemoveResult(str(opened.folder), removed, len(opened.video_ids()))


def _chosen(library: Library, names: dict[str, list[Path]], videos: Paths) -> list[str]:
    """Ids of the named videos, in order of the catalogue; those of an interrupted call too."""
    ids = list(dict.fromkeys([*library.video_ids(), *names]))
    places = _earlier_paths(library) | names  # of a file that was replaced, the earlier video too
    chosen: set[str] = set()
    for named in paths_of(videos):
        path = absolute(named)
        found = {str(named)} & set(ids) or {
            one for one in ids if any(file.is_relative_to(path) for file in places.get(one, ()))
        }
        if not found:
            raise EruvError(
                f"the library {library.folder} has no video {printable(named)}. Pass a file or a "
                f"folder as it was ingested, or the id of a video."
            )
        chosen |= found
    return [one for one in ids if one in chosen]


def _earlier_paths(library: Library) -> dict[str, list[Path]]:
    """Every path at which a video ever was, by its id."""
    found: dict[str, list[Path]] = {}
    for row in library.rows("sources", ["video_id", "path"]):
        found.setdefault(row["video_id"], []).append(place(os.fsdecode(row["path"])))
    return found


def _forget(library: Library, video_ids: list[str]) -> None:
    """Delete rows of all tables: the video's own first, so that no half of it counts, and its
    sources last, by which a call that was killed is finished when it is made again."""
    if not video_ids:
        return
    # Hexadecimal digests, so safe inside a filter.
    condition = f"video_id IN ({', '.join(map(repr, video_ids))})"
    vectors = [name for name in library.database.list_tables().tables if name.startswith(VECTORS)]
    library.tables["videos"].delete(condition)
    for name in vectors:
        try:
            table = library.database.open_table(name)
        except ValueError:  # never finished, on a disk that was full
            continue
        CatalogueTable(table, library.folder / LIBRARY_FOLDER, name).delete(condition)
    others = [one for one in library.tables if one not in ("videos", "sources")]
    for name in (*others, "sources"):
        library.tables[name].delete(condition)
