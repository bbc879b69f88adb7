"""What two libraries of the same films must have in common, however they were made."""

from collections.abc import Sequence
from pathlib import Path

from eruv.library.catalogue import Library

VIDEO_TABLES = ("videos", "segments", "proxies")  # they name no file
TABLES = (*VIDEO_TABLES, "sources")


def catalogue_rows(folder: Path | str, tables: Sequence[str] = TABLES) -> dict[str, list[str]]:
    """Every row of some tables, sorted: the order of commits does not count."""
    library = Library(Path(folder))
    return {name: sorted(map(str, library.tables[name].to_arrow().to_pylist())) for name in tables}


def proxy_bytes(folder: Path) -> dict[str, bytes]:
    """The content of each proxy, by its file's name."""
    return {path.name: path.read_bytes() for path in (folder / "proxies").glob("*/*.mp4")}
