"""The catalogue of a library folder: what was ingested, in LanceDB.

A video is committed whole or not at all: its proxy is on disk first, then its segments are
added, then its own row. Segments without that row do not count, and are swept away.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import lancedb
import pyarrow as pa

from eruv.clips.spec import ClipSize
from eruv.library.folder_names import CATALOGUE, SETTINGS_FILE
from eruv.library.reader import LibraryReader
from eruv.library.video_pass import EditedVideo, EditingSettings
from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

LAYOUT = 3
# Readers at work may still hold a version this old; younger ones are kept for them.
KEPT_VERSIONS = timedelta(minutes=10)

_RANGE = pa.list_(pa.int64(), 2)
_SECONDS = pa.list_(pa.float64(), 2)

SCHEMAS: dict[str, pa.Schema] = {
    "videos": pa.schema(
        [
            ("video_id", pa.string()),
            ("width", pa.int32()),
            ("height", pa.int32()),
            ("frames_per_second", pa.float64()),
            ("num_frames", pa.int64()),
            ("start_s", pa.float64()),
            ("end_s", pa.float64()),
            ("shots", pa.list_(_RANGE)),
            ("shots_s", pa.list_(_SECONDS)),
            ("num_segments", pa.int32()),
            ("packets", pa.int64()),
            ("failed_packets", pa.int64()),
            ("lost_s", pa.float64()),
            ("first_failure", pa.string()),
        ]
    ),
    "segments": pa.schema(
        [
            ("video_id", pa.string()),
            ("shot", pa.int32()),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("start_s", pa.float64()),
            ("end_s", pa.float64()),
        ]
    ),
    # One row a path, appended; of several rows for one path the last one counts.
    "sources": pa.schema(
        [
            ("path", pa.binary()),
            ("printable", pa.string()),
            ("size", pa.int64()),
            ("mtime_ns", pa.int64()),
            ("inode", pa.int64()),
            ("video_id", pa.string()),
            ("reason", pa.string()),
            ("position", pa.string()),
        ]
    ),
}


@dataclass(frozen=True)
class FileStamp:
    """What tells, without reading it, that a file is still the one that was read."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Self:
        status = path.stat()
        # Some file systems number beyond 63 bits, which the catalogue cannot hold.
        return cls(status.st_size, status.st_mtime_ns, status.st_ino & (2**63 - 1))


@dataclass(frozen=True)
class Source:
    """A file that was looked at.

    Attributes:
        path: absolute path.
        stamp: as it was when it was read.
        video_id: of its bytes; empty where they could not be read.
        reason: why it is quarantined; empty where it is not.
        position: where in the file that was noticed.
    """

    path: Path
    stamp: FileStamp
    video_id: str
    reason: str = ""
    position: str = ""

    @property
    def quarantined(self) -> bool:
        return bool(self.reason)


class Library:
    """An open library folder.

    Args:
        folder: holds library.json, catalogue/ and proxies/.

    Raises:
        EruvError: if the folder is no library, or one of another layout.
    """

    def __init__(self, folder: Path) -> None:
        # Absolute, since LanceDB and FFmpeg see an address in a name like "~" or "10:30".
        self.folder = Path(os.path.abspath(folder))
        self.settings = _read_settings(self.folder)
        try:
            self.database = lancedb.connect(self.folder / CATALOGUE)
        except ValueError as error:
            raise EruvError(
                f"the name of the folder {printable(self.folder)} has characters that LanceDB "
                f"cannot take. Choose a plainer name."
            ) from error
        present = set(self.database.list_tables().tables)
        self.tables = {
            name: (
                self.database.open_table(name)
                if name in present
                else self.database.create_table(name, schema=schema, exist_ok=True)
            )
            for name, schema in SCHEMAS.items()
        }

    @classmethod
    def open_or_create(cls, folder: Path, settings: EditingSettings | None) -> Self:
        """Open a library, or make one with these settings.

        Args:
            folder: of the library.
            settings: None stands for those it has, or for the defaults in a new one.

        Raises:
            EruvError: if it exists with other settings or from another version of its detector,
                since one library has one way of editing; or if it cannot be made.
        """
        path = folder / SETTINGS_FILE
        if not path.exists():
            settings = settings or EditingSettings()
            try:
                folder.mkdir(parents=True, exist_ok=True)
                replace_text(path, json.dumps({"layout": LAYOUT, **asdict(settings)}, indent=2))
            except OSError as error:
                raise EruvError(
                    f"cannot make a library in {folder}: {error.strerror}. Name another folder."
                ) from error
        library = cls(folder)
        _refuse_other_settings(library, settings or library.settings)
        return library

    def proxy_path(self, video_id: str) -> Path:
        """Where the proxy of a video is, or will be."""
        return self.folder / "proxies" / video_id[:2] / f"{video_id}.mp4"

    def reader(self, size: ClipSize | None = None) -> LibraryReader:
        """A reader of clips, at the size that an encoder sees (`encoder.size`)."""
        return LibraryReader(self.proxy_path, self.settings.proxy, size or ClipSize())

    def commit(
        self, videos: Sequence[tuple[EditedVideo, Source]], others: Sequence[Source]
    ) -> None:
        """Add videos with their segments and sources; and sources that add no video.

        The order makes a video appear whole: segments, then the video's own row. A path that is
        lost after that is found to be the same video by its bytes.
        """
        segments = [row for video, _ in videos for row in _segment_rows(video)]
        sources = [_source_row(source) for _, source in videos]
        sources += [_source_row(source) for source in others]
        rows = [_video_row(video) for video, _ in videos]
        for name, table_rows in (("segments", segments), ("videos", rows), ("sources", sources)):
            if table_rows:
                self.tables[name].add(pa.Table.from_pylist(table_rows, SCHEMAS[name]))

    def compact(self) -> None:
        """Merge the small files that commits leave, and drop versions nobody reads any more."""
        for table in self.tables.values():
            table.optimize(cleanup_older_than=KEPT_VERSIONS)

    def sweep(self) -> int:
        """Remove what an interrupted ingest left: orphaned segments and unfinished proxies.

        Returns:
            How many videos' orphaned segments were removed.
        """
        finished = set(self.video_ids())
        found = set(self.column("segments", "video_id"))
        orphans = sorted(found - finished)
        for video_id in orphans:
            # A hexadecimal digest that this project computed: safe inside a filter.
            self.tables["segments"].delete(f"video_id = '{video_id}'")
        for partial in (self.folder / "proxies").glob("*/*.part"):
            partial.unlink()
        return len(orphans)

    def column(self, table: str, name: str) -> list[Any]:
        """One column of a table."""
        return self.tables[table].to_arrow()[name].to_pylist()

    def video_ids(self) -> list[str]:
        """Ids of all videos, in the order in which they were committed."""
        return self.column("videos", "video_id")

    def videos(self) -> list[dict[str, Any]]:
        """Rows of all videos, see SCHEMAS."""
        return self.tables["videos"].to_arrow().to_pylist()

    def segments(self) -> pa.Table:
        """Segments of committed videos, see SCHEMAS."""
        table = self.tables["segments"].to_arrow()
        counted = pa.compute.is_in(
            table["video_id"], value_set=pa.array(self.video_ids(), pa.string())
        )
        return table.filter(counted)

    def sources(self) -> dict[Path, Source]:
        """The last word on every path that was ever looked at."""
        rows = self.tables["sources"].to_arrow().to_pylist()
        return {source.path: source for source in map(_source_of_row, rows)}

    def paths(self) -> dict[str, list[Path]]:
        """Paths of each video, sorted; the first gives it its name, the others are aliases."""
        found: dict[str, list[Path]] = {}
        for source in self.sources().values():
            if not source.quarantined:
                found.setdefault(source.video_id, []).append(source.path)
        return {video_id: sorted(paths) for video_id, paths in found.items()}


def _refuse_other_settings(library: Library, asked: EditingSettings) -> None:
    made = library.settings
    present = replace(made.detector, version=None)
    if made.detector != present:
        raise EruvError(
            f"the library {library.folder} was made with version {made.detector.version} of the "
            f"detector {present.name}; this eruv has version {present.version}, which may cut "
            f"otherwise. Ingest all videos into another folder, or use the earlier eruv."
        )
    if made == asked:
        return
    differing = [
        f"{field.name} {getattr(made, field.name)}, not {getattr(asked, field.name)}"
        for field in fields(made)
        if getattr(made, field.name) != getattr(asked, field.name)
    ]
    raise EruvError(
        f"the library {library.folder} was made with {'; '.join(differing)}. "
        f"One library has one way of editing: leave the setting out, or ingest into another folder."
    )


def _read_settings(folder: Path) -> EditingSettings:
    path = folder / SETTINGS_FILE
    if not path.exists():
        raise EruvError(
            f"{folder} is not a library: it has no {SETTINGS_FILE}. "
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


def _video_row(video: EditedVideo) -> dict[str, Any]:
    row = {field.name: getattr(video, field.name, None) for field in SCHEMAS["videos"]}
    return row | {"num_segments": len(video.segments)}


def _segment_rows(video: EditedVideo) -> list[dict[str, Any]]:
    return [
        {"video_id": video.video_id, **asdict(segment), "start_s": start_s, "end_s": end_s}
        for segment, (start_s, end_s) in zip(video.segments, video.segments_s, strict=True)
    ]


def _source_row(source: Source) -> dict[str, Any]:
    return {
        "path": os.fsencode(source.path),
        "printable": printable(source.path),
        **asdict(source.stamp),
        "video_id": source.video_id,
        "reason": source.reason,
        "position": source.position,
    }


def _source_of_row(row: dict[str, Any]) -> Source:
    return Source(
        path=Path(os.fsdecode(row["path"])),
        stamp=FileStamp(row["size"], row["mtime_ns"], row["inode"]),
        video_id=row["video_id"],
        reason=row["reason"],
        position=row["position"],
    )
