"""The library folder: its settings, its proxies, and its catalogue in LanceDB."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from eruv.clips.spec import ClipSize
from eruv.detection.detectors import DETECTORS, DetectorChoice
from eruv.library.catalogue_table import BATCH_ROWS, CatalogueTable, connect, open_or_create
from eruv.library.reader import LibraryReader
from eruv.library.rows import (
    SCHEMAS,
    Source,
    paths_by_video,
    proxy_row,
    segment_rows,
    source_of_row,
    source_row,
    video_row,
)
from eruv.library.video_pass import EditedVideo, EditingSettings
from eruv.media.discovery import LIBRARY_FILE, LIBRARY_FOLDER
from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError
from eruv.utils.storage.errors import StorageError
from eruv.utils.storage.remote_path import absolute, is_remote

LAYOUT = 3
# Made on the first write: a library of an earlier version may lie where nothing can be written.
LATER_TABLES = ("proxies",)
IDS_AT_ONCE = 1000  # in a filter
SOURCES_AT_ONCE = 50_000


class Library:
    """An open library folder.

    A video is committed whole or not at all: its proxy is on disk first, then its segments are
    added, then its own row. Segments without that row do not count and are removed.

    Args:
        folder: holds library.json, catalogue/ and proxies/; or its address on object storage.

    Raises:
        EruvError: if the folder is no library, or one of another layout.
    """

    def __init__(self, folder: Path) -> None:
        # Absolute, since LanceDB and FFmpeg take a name like "~" or "10:30" for an address.
        self.folder = absolute(folder)
        self.settings = _read_settings(self.folder)
        self.database = connect(self.folder / LIBRARY_FOLDER)
        present = set(self.database.list_tables().tables)
        self.tables = {
            name: self.table(name, schema)
            for name, schema in SCHEMAS.items()
            if name in present or name not in LATER_TABLES
        }

    def __reduce__(self) -> tuple[type[Self], tuple[Path]]:
        return type(self), (self.folder,)  # a database stays in its process

    @classmethod
    def open_or_create(cls, folder: Path, settings: EditingSettings | None) -> Self:
        """Open a library, or make one with these settings.

        Args:
            folder: of the library.
            settings: None takes those it has, or the defaults in a new one.

        Raises:
            EruvError: if it exists with other settings or from another version of its detector,
                since all videos of a library are cut in one way; or if it cannot be made.
        """
        folder = absolute(folder)
        path = folder / LIBRARY_FILE
        if not path.is_file():
            settings = settings or EditingSettings()
            try:
                folder.mkdir(parents=True, exist_ok=True)
                replace_text(path, json.dumps({"layout": LAYOUT, **asdict(settings)}, indent=2))
            except StorageError:
                raise
            except OSError as error:
                raise EruvError(
                    f"cannot make a library in {folder}: {error.strerror}. Choose another folder."
                ) from error
        library = cls(folder)
        _refuse_other_settings(library, settings or library.settings)
        return library

    def table(self, name: str, schema: pa.Schema) -> CatalogueTable:
        """A table of the catalogue, created if it is missing."""
        return open_or_create(self.database, self.folder / LIBRARY_FOLDER, name, schema)

    def proxy_path(self, video_id: str) -> Path:
        """Path of the proxy of a video."""
        return self.folder / "proxies" / video_id[:2] / f"{video_id}.mp4"

    def reader(self, size: ClipSize | None = None) -> LibraryReader:
        """A reader of clips, at the size that an encoder sees (`encoder.size`)."""
        return LibraryReader(self.proxy_path, self.settings.proxy, size or ClipSize())

    def commit(
        self, videos: Sequence[tuple[EditedVideo, Source]], others: Sequence[Source]
    ) -> None:
        """Add videos with their segments and sources, and sources that add no video.

        The order makes a video appear whole. A source that is lost after its video is recognised
        by its bytes in the next ingest.
        """
        segments = [row for video, _ in videos for row in segment_rows(video)]
        sources = [source_row(source) for _, source in videos]
        sources += [source_row(source) for source in others]
        rows = {
            "segments": segments,
            "proxies": [proxy_row(video) for video, _ in videos if video.proxy_sha256],
            "videos": [video_row(video) for video, _ in videos],
            "sources": sources,
        }
        for name, table_rows in rows.items():
            if table_rows:
                self.add(name, table_rows)

    def add(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows to a table, which libraries of earlier versions may lack."""
        if name not in self.tables:
            self.tables[name] = self.table(name, SCHEMAS[name])
        self.tables[name].add(pa.Table.from_pylist(list(rows), SCHEMAS[name]))

    def compact(self) -> None:
        """Merge the small files that commits leave, and drop versions that nobody reads."""
        for table in self.tables.values():
            table.compact()

    def sweep(self) -> int:
        """Remove orphaned segments and partial proxies of an interrupted ingest.

        Returns:
            How many videos' orphaned segments were removed.
        """
        finished, found = set(self.video_ids()), set[str]()
        for batch in self.batches("segments", ["video_id"]):
            found |= set(batch["video_id"].unique().to_pylist()) - finished
        orphans = sorted(found)
        for video_id in orphans:
            # A hexadecimal digest, so safe inside a filter.
            self.tables["segments"].delete(f"video_id = '{video_id}'")
        if not is_remote(self.folder):  # objects appear whole
            for partial in (self.folder / "proxies").glob("*/*.part"):
                partial.unlink()
        return len(orphans)

    def batches(
        self, table: str, columns: Sequence[str], rows: int = BATCH_ROWS
    ) -> Iterator[pa.Table]:
        """Some columns of a table, in the order of its rows, in batches of at most `rows`."""
        return self.tables[table].batches(columns, rows)

    def rows(
        self, table: str, columns: Sequence[str], at_once: int = BATCH_ROWS
    ) -> Iterator[dict[str, Any]]:
        """Some columns of a table, row by row; `at_once` rows are in memory."""
        for batch in self.batches(table, columns, at_once):
            yield from batch.to_pylist()

    def column(self, table: str, name: str) -> list[Any]:
        """One column of a table."""
        return [value for part in self.batches(table, [name]) for value in part[name].to_pylist()]

    def video_ids(self) -> list[str]:
        """Ids of all videos, in order of commits."""
        return self.column("videos", "video_id")

    def videos(self) -> list[dict[str, Any]]:
        """Rows of all videos, see SCHEMAS."""
        return self.tables["videos"].to_arrow().to_pylist()

    def rows_of(self, video_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Rows of some videos by their ids, without those that the library lacks."""
        ids = [repr(one) for one in video_ids if one.isalnum()]
        found: dict[str, dict[str, Any]] = {}
        for some in (ids[n : n + IDS_AT_ONCE] for n in range(0, len(ids), IDS_AT_ONCE)):
            query = self.tables["videos"].search().where(f"video_id IN ({', '.join(some)})")
            found |= {row["video_id"]: row for row in query.limit(len(some)).to_list()}
        return found

    def segments(self, video_ids: Sequence[str] | None = None) -> pa.Table:
        """Segments of committed videos, all or those of some, see SCHEMAS."""
        schema = SCHEMAS["segments"]
        parts = [one.cast(schema) for one in self.segment_batches(schema.names, video_ids)]
        return pa.concat_tables([schema.empty_table(), *parts])

    def segment_batches(
        self, columns: Sequence[str], video_ids: Sequence[str] | None = None
    ) -> Iterator[pa.Table]:
        """Some columns of `segments`, `video_id` among them, in pieces."""
        chosen = pa.array(self.video_ids() if video_ids is None else video_ids, pa.string())
        for batch in self.batches("segments", columns):
            yield batch.filter(pc.is_in(batch["video_id"], value_set=chosen))

    def sources(self) -> dict[Path, Source]:
        """The latest source of every path that was ever read."""
        rows = self.rows("sources", SCHEMAS["sources"].names, SOURCES_AT_ONCE)
        found = map(source_of_row, rows)
        return {source.path: source for source in found}

    def paths(self) -> dict[str, list[Path]]:
        """Paths of each video, sorted; the first names it, the others are aliases."""
        return paths_by_video(self.sources().values())


def chosen_settings(
    folder: Path, detector: DetectorChoice | None = None, shortest_segment: int | None = None
) -> EditingSettings | None:
    """Settings for `ingest`: those that are chosen, and the others as the library has them.

    Args:
        folder: of the library.
        detector: how shots are found.
        shortest_segment: frames.

    Returns:
        None where nothing is chosen.

    Raises:
        EruvError: for a number of frames that is not possible; or if the library is damaged.
    """
    if detector is None and shortest_segment is None:
        return None
    folder = absolute(folder)
    settings = _read_settings(folder) if (folder / LIBRARY_FILE).is_file() else EditingSettings()
    if detector is not None:
        settings = replace(settings, detector=detector)
    if shortest_segment is not None:
        try:
            segments = replace(settings.segments, minimum=shortest_segment)
        except ValueError as error:
            raise EruvError(f"shortest_segment must be a number of frames: {error}.") from error
        settings = replace(settings, segments=segments)
    return settings


def _refuse_other_settings(library: Library, settings: EditingSettings) -> None:
    made = library.settings
    current = DETECTORS[made.detector.name].version
    if made.detector.version != current:
        raise EruvError(
            f"the library {library.folder} was made with version {made.detector.version} of the "
            f"detector {made.detector.name}; this eruv has version {current}, which may cut "
            f"differently. Ingest all videos into another folder, or use the earlier eruv."
        )
    if made == settings:
        return
    differing = [
        f"{field.name} {getattr(made, field.name)}, not {getattr(settings, field.name)}"
        for field in fields(made)
        if getattr(made, field.name) != getattr(settings, field.name)
    ]
    raise EruvError(
        f"the library {library.folder} was made with {'; '.join(differing)}. "
        f"A library has one setting for all its videos: omit it, or ingest into another folder."
    )


def _read_settings(folder: Path) -> EditingSettings:
    path = folder / LIBRARY_FILE
    if not path.is_file():
        raise EruvError(
            f"{folder} is not a library: it has no {LIBRARY_FILE}. "
            f"Make one with: eruv ingest VIDEOS --to {folder}"
        )
    try:
        stored = json.loads(path.read_text())
        layout = stored.pop("layout", None)
        if layout == LAYOUT:
            return EditingSettings.from_dict(stored)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EruvError(
            f"{path} is damaged: {error}. Ingest the videos again into another folder."
        ) from error
    raise EruvError(
        f"{path} has layout {layout}; this version of eruv reads layout {LAYOUT}. "
        f"Ingest the videos again into another folder."
    )
