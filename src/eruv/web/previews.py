"""Previews: films that browsers cannot play, made playable when someone wants to see them."""

import hashlib
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import av.error

from eruv.media.damage import UnreadableVideo
from eruv.media.opening import open_media
from eruv.media.streams import choose_stream
from eruv.utils.console import warn
from eruv.utils.disk_cache import DiskCache
from eruv.utils.errors import EruvError
from eruv.utils.storage.errors import StorageError
from eruv.utils.storage.local_copy import borrowed
from eruv.utils.storage.remote_path import is_remote
from eruv.web.bounded import BoundedChild, Bounds, Refused
from eruv.web.objects import MORE

# What Chromium, Firefox and Safari all play, by container.
PLAYED = {
    "mp4": (frozenset(("h264",)), frozenset(("aac", "mp3", "flac", "opus"))),
    "webm": (frozenset(("vp8", "vp9", "av1")), frozenset(("vorbis", "opus"))),
}
PLAYED_FORMATS = frozenset(("yuv420p", "yuvj420p"))
H264_PROFILES = frozenset(("Baseline", "Constrained Baseline", "Main", "High"))
MEDIA_TYPES = {"mp4": "video/mp4", "webm": "video/webm"}

VERSION = 1  # of what a preview is; others are made again
MOST_WAITING = 32
FAILED_S = 60.0  # after which a film that failed may be tried again
FETCHING = 0.5  # of the time that a film from object storage takes
NOT_FETCHED = f"The film cannot be fetched from object storage. {MORE}"
BOUNDS = Bounds(memory_bytes=4 << 30, wall_s=4 * 3600, silent_s=120, niceness=10, confined=True)


@dataclass(frozen=True)
class Preview:
    """How far the preview of a film is.

    Attributes:
        state: ready, waiting (for the preview of another film), preparing, or failed.
        path: of the file, if it is ready.
        share: that is done, from 0 to 1.
        reason: why it failed, as a sentence.
    """

    state: Literal["ready", "waiting", "preparing", "failed"]
    path: Path | None = None
    share: float = 0.0
    reason: str = ""


def media_type_of(path: Path) -> str | None:
    """The media type of a file that browsers play as it is; None for one that they do not.

    Raises:
        StorageError: if object storage does not give it.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return _media_type(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _media_type(path: Path, mtime_ns: int, size: int) -> str | None:
    try:
        with open_media(path, {"format_whitelist": "mov,matroska"}) as container:
            kind = _kind_of(path, container.format.name)
            if kind is None:
                return None
            stream = choose_stream(container)
            context = stream.codec_context
            codecs, audio_codecs = PLAYED[kind]
            codec = context.codec.canonical_name
            played = (
                stream == container.streams.video[0]  # browsers do not choose another
                and codec in codecs
                and context.pix_fmt in PLAYED_FORMATS
                and (codec != "h264" or context.profile in H264_PROFILES)
                and all(
                    one.codec_context is not None and one.codec.canonical_name in audio_codecs
                    for one in container.streams.audio[:1]
                )
            )
            return MEDIA_TYPES[kind] if played else None
    except StorageError:
        raise
    except (av.error.FFmpegError, UnreadableVideo, OSError, ValueError):
        return None


def _kind_of(path: Path, format_name: str) -> str | None:
    if "mp4" in format_name:
        return "mp4"
    with path.open("rb") as file:
        return "webm" if b"webm" in file.read(64) else None  # the document type of the header


class Previews:
    """Previews of films in a folder of limited size, made one at a time, the latest request first.

    Half-written ones have another name until they are complete, and are never served.

    Args:
        folder: of the previews.
        limit_bytes: of all together; the least lately used are removed beyond it.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.cache = DiskCache(folder, limit_bytes)
        self.cache.sweep(BOUNDS.wall_s)
        self.child = BoundedChild(BOUNDS)
        self._changed = threading.Condition()
        self._waiting: OrderedDict[str, Path] = OrderedDict()
        self._current = ""
        self._share = 0.0
        self._failed: dict[str, tuple[float, str]] = {}  # until when, and why
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(self, source: Path) -> Preview:
        """How far the preview of a film is; begins to make it if it is not there.

        Args:
            source: a file that may be read, see `Allowed`.
        """
        try:
            name = _name_of(source)
        except OSError:
            return Preview("failed", reason="The film is missing.")
        with self._changed:
            ready = self.cache.get(name)
            if ready is not None:
                return Preview("ready", ready, 1.0)
            if name == self._current:
                return Preview("preparing", share=self._share)
            until, reason = self._failed.get(name, (0.0, ""))
            if time.monotonic() < until:
                return Preview("failed", reason=reason)
            self._failed.pop(name, None)
            if self._closed:
                return Preview("failed", reason="The page is closing.")
            self._waiting[name] = source
            self._waiting.move_to_end(name)
            if len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)  # the oldest request
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return Preview("waiting")

    def wait(self, source: Path, timeout_s: float) -> Preview:
        """The same, but not before the preview is ready or failed, or the seconds are over."""
        found = self.ask(source)
        with self._changed:
            self._changed.wait_for(lambda: self._is_over(source), timeout_s)
        return self.ask(source) if found.state != "ready" else found

    def close(self) -> None:
        """End the work; what is half-written is removed."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        self.child.close()
        if self._thread is not None:
            self._thread.join(10)

    def _is_over(self, source: Path) -> bool:
        try:
            name = _name_of(source)
        except OSError:
            return True
        return self._closed or name in self._failed or self.cache.path(name).exists()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._current = ""
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                name, source = self._waiting.popitem()
                self._current, self._share = name, 0.0
            to = self.cache.path(name)
            try:
                to.parent.mkdir(parents=True, exist_ok=True)  # `eruv remove` removes it
                if not to.exists():  # another process may have made it
                    self._make(source, to)
                self.cache.added(to)
            except Refused as error:
                self._note_failure(name, str(error))
            except EruvError as error:
                warn(str(error))
                self._note_failure(name, NOT_FETCHED)
            except OSError as error:
                self._note_failure(name, f"The preview cannot be stored: {error.strerror}.")
            except Exception as error:  # the thread goes on with other films
                self._note_failure(name, f"No preview can be made ({type(error).__name__}).")
            finally:
                self._remove_partial(to)

    def _make(self, source: Path, to: Path) -> None:
        fetching = FETCHING if is_remote(source) else 0.0
        # The child that decodes has no network.
        with borrowed(source, lambda share: self._note(fetching * share)) as near:
            self.child.ask(
                "preview",
                lambda share: self._note(fetching + (1 - fetching) * share),
                path=os.fspath(near),
                to=str(to),
            )

    def _note(self, share: float) -> None:
        with self._changed:
            if self._closed:
                raise Refused("The page is closing.")
            self._share = share
            self._changed.notify_all()

    def _note_failure(self, name: str, reason: str) -> None:
        with self._changed:
            self._failed[name] = (time.monotonic() + FAILED_S, reason)

    def _remove_partial(self, to: Path) -> None:
        """What a killed child left."""
        for path in to.parent.glob(f".{to.name}.*.part"):
            path.unlink(missing_ok=True)


def _name_of(source: Path) -> str:
    """A name for the preview of a file in its present state."""
    status = source.stat()
    state = f"{VERSION}\n{status.st_mtime_ns}\n{status.st_size}\n".encode() + os.fsencode(source)
    return f"{hashlib.sha256(state).hexdigest()[:40]}.mp4"
