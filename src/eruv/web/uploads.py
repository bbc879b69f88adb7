"""Files that people drop into the page: taken in pieces, decoded in bounds, kept for an hour."""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from starlette.concurrency import run_in_threadpool

from eruv.utils.atomic import replace_text
from eruv.web.bounded import BoundedChild, Bounds, Refused

UPLOAD_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
BOUNDS = Bounds(
    memory_bytes=2 << 30, file_bytes=512 << 20, wall_s=120, silent_s=60, niceness=5, confined=True
)
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Upload:
    """A clip or a picture that was dropped, decoded and written anew.

    Attributes:
        id: that a search names.
        kind: clip or picture.
        path: an MP4 file of at most 480 rows from 0 s on, or a PNG file; nothing in it is as it
            came from outside but what is seen.
        picture: a PNG file of the picture, or of the first frame of the clip.
        seconds, width, height, frames: of what is in `path`.
    """

    id: str
    kind: Literal["clip", "picture"]
    path: Path
    picture: Path
    seconds: float
    width: int
    height: int
    frames: int


class Uploads:
    """What was dropped, in a folder of the library.

    Args:
        folder: of the files.
        most_bytes: of a file as it comes.
        most_s: seconds of a clip.
        kept_s: seconds after which an upload is removed.
        most_kept: uploads; beyond it the oldest are removed.
        most_at_once: files that are taken in at one time.
        bounds: of the process that decodes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        most_bytes: int = 200 * MEGABYTE,
        most_s: float = 60.0,
        kept_s: float = 3600.0,
        most_kept: int = 32,
        most_at_once: int = 2,
        bounds: Bounds = BOUNDS,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = Path(os.path.realpath(folder))
        self.most_bytes, self.most_s = most_bytes, most_s
        self.kept_s, self.most_kept, self.most_at_once = kept_s, most_kept, most_at_once
        self.bounds = bounds
        self._taking: set[str] = set()
        self._children: set[BoundedChild] = set()
        self.sweep()

    async def take(
        self, chunks: AsyncIterator[bytes], on_share: Callable[[float], None] = lambda share: None
    ) -> Upload:
        """Take a file as it comes: the body of a request, and nothing around it.

        Args:
            chunks: its bytes (`request.stream()`).
            on_share: called with the share of it that is decoded.

        Raises:
            Refused: with a sentence that says why it cannot be searched with.
        """
        if len(self._taking) >= self.most_at_once:
            raise Refused("Other files are being read right now. Try again in a few seconds.")
        name = secrets.token_urlsafe(16)
        self._taking.add(name)
        home = self.folder / name
        try:
            await run_in_threadpool(self.sweep)
            home.mkdir(parents=True)  # `eruv remove` removes the folder
            raw = home / "raw"
            await self._receive(chunks, raw)
            upload = await run_in_threadpool(self._decoded, name, raw, on_share)
            raw.unlink()
            return upload
        except BaseException as error:
            shutil.rmtree(home, ignore_errors=True)
            if isinstance(error, OSError):
                reason = error.strerror or "the disk cannot be written"
                raise Refused(f"The file cannot be stored: {reason}.") from error
            raise
        finally:
            self._taking.discard(name)

    def get(self, upload_id: str) -> Upload | None:
        """An upload by its id; None for one that is unknown or was removed.

        Args:
            upload_id: from a request, so it may be any text.
        """
        if not UPLOAD_ID.fullmatch(upload_id) or upload_id in self._taking:
            return None
        home = self.folder / upload_id
        try:
            if time.time() - home.stat().st_mtime > self.kept_s:
                return None
            facts = json.loads((home / "facts.json").read_text())
            return _upload(upload_id, home, **facts)
        except (OSError, ValueError, TypeError):
            return None

    def sweep(self) -> None:
        """Remove uploads that are too old or too many."""
        found = []
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if UPLOAD_ID.fullmatch(path.name) and path.name not in self._taking:
                try:
                    found.append((path.stat().st_mtime, path))
                except FileNotFoundError:
                    continue
        found.sort()
        now = time.time()
        for number, (mtime, path) in enumerate(found):
            if now - mtime > self.kept_s or len(found) - number > self.most_kept:
                shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """End what is being decoded."""
        for child in list(self._children):
            child.close()

    async def _receive(self, chunks: AsyncIterator[bytes], raw: Path) -> None:
        count = 0
        with raw.open("xb") as file:
            async for chunk in chunks:
                count += len(chunk)
                if count > self.most_bytes:
                    raise Refused(
                        f"The file is larger than {self.most_bytes / MEGABYTE:.0f} MB. "
                        f"Cut out the moment first."
                    )
                await run_in_threadpool(file.write, chunk)
        if not count:
            raise Refused("The file is empty.")

    def _decoded(self, name: str, raw: Path, on_share: Callable[[float], None]) -> Upload:
        home = raw.parent
        child = BoundedChild(self.bounds)  # one for each file: none meets what another did
        self._children.add(child)
        try:
            found = child.ask(
                "clip",
                on_share,
                path=str(raw),
                to=str(home / "clip.mp4"),
                picture_to=str(home / "picture.png"),
                most_s=self.most_s,
            )
        finally:
            self._children.discard(child)
            child.close()
        facts = {key: found[key] for key in ("kind", "seconds", "width", "height", "frames")}
        upload = _upload(name, home, **facts)
        if upload.kind == "picture":
            (home / "clip.mp4").unlink()
        replace_text(home / "facts.json", json.dumps(facts))
        return upload


def _upload(
    upload_id: str,
    home: Path,
    kind: Literal["clip", "picture"],
    seconds: float,
    width: int,
    height: int,
    frames: int,
) -> Upload:
    picture = home / "picture.png"
    path = picture if kind == "picture" else home / "clip.mp4"
    return Upload(upload_id, kind, path, picture, seconds, width, height, frames)
