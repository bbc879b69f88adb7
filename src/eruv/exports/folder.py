"""The folder of an export: files of others are never replaced."""

import fnmatch
import json
from pathlib import Path

from eruv.detection.export.own_files import make_folder, refuse_foreign
from eruv.utils.atomic import read_record, replace_text

MANIFEST = "export.json"


class ExportFolder:
    """A folder with a list of the files that `eruv export` wrote there.

    Args:
        folder: made where there is none.

    Raises:
        EruvError: if it cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self.folder = folder
        record = read_record(folder / MANIFEST) or {}
        self.before = {name for name in record.get("files", ()) if isinstance(name, str)}
        self.now: set[str] = set()

    def path(self, name: str) -> Path:
        """Where a file is to be written; noted before that, so that a kill leaves none unknown.

        Raises:
            EruvError: if a file of that name is there and not of `eruv export`.
        """
        path = self.folder / name
        refuse_foreign(path, name in self.before | self.now, "export")
        self.now.add(name)
        self._note(self.before | self.now)
        return path

    def remove_stale(self, pattern: str) -> None:
        """Remove files of an earlier export whose names match, and which this one has not."""
        stale = set(fnmatch.filter(self.before - self.now, pattern))
        for name in stale:
            if Path(name).name == name:
                (self.folder / name).unlink(missing_ok=True)
        self.before -= stale
        self._note(self.before | self.now)

    def _note(self, names: set[str]) -> None:
        replace_text(self.folder / MANIFEST, json.dumps({"files": sorted(names)}, indent=1) + "\n")
