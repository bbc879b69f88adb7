"""Files that can be made again, in a folder of limited size: the least lately used go first."""

import os
import shutil
import threading
import time
from pathlib import Path

from eruv.utils.atomic import whole_file

PARTIAL = ".part"


class DiskCache:
    """Files by name in one folder; several threads and processes may use it.

    Args:
        folder: made if it is missing; resolved, so that its files can be opened without links.
        limit_bytes: of all files together. The one that was made last stays even if it is larger.
        spared_s: files that were used so lately stay, too.
    """

    def __init__(self, folder: Path, limit_bytes: int, spared_s: float = 0.0) -> None:
        if limit_bytes < 0:
            raise ValueError(f"limit_bytes must be at least 0; got {limit_bytes}")
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.limit_bytes = Path(os.path.realpath(folder)), limit_bytes
        self.spared_s = spared_s
        self._lock = threading.Lock()
        self._bytes: int | None = None  # at least so many; None until they are counted

    def path(self, name: str) -> Path:
        """Where a file of this name is or will be."""
        return self.folder / name

    def get(self, name: str) -> Path | None:
        """A file that is there, which counts as used now; None if it is not."""
        path = self.path(name)
        try:
            # The time of change stays: tags of answers are made from it.
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except OSError:
            return None
        return path

    def put(self, name: str, content: bytes) -> Path:
        """Write a file whole.

        Raises:
            OSError: if it cannot be written.
        """
        path = self.path(name)
        self.folder.mkdir(parents=True, exist_ok=True)  # `eruv remove` removes it
        with whole_file(path) as partial:
            partial.write_bytes(content)
        self.added(path)
        return path

    def added(self, path: Path) -> None:
        """Count a file that was written here, and remove the least lately used beyond the limit."""
        with self._lock:
            if self._bytes is not None:
                self._bytes += path.stat().st_size
                if self._bytes <= self.limit_bytes:
                    return
            found = [(status.st_atime_ns, status.st_size, one) for one, status in self._files()]
            self._bytes = sum(size for _, size, _ in found)
            for used, size, one in sorted(found):
                if self._bytes <= self.limit_bytes:
                    return
                if one != path and time.time_ns() - used >= self.spared_s * 1e9:
                    one.unlink(missing_ok=True)
                    self._bytes -= size

    def sweep(self, older_s: float = 0.0) -> None:
        """Remove what an earlier process left half-written."""
        for path in self.folder.glob(f".*{PARTIAL}"):
            if time.time() - path.stat().st_mtime < older_s:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    try:
                        found.append((Path(entry.path), entry.stat(follow_symlinks=False)))
                    except FileNotFoundError:
                        continue  # another process removed it
        return found
