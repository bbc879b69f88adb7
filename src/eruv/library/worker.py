"""A worker process of an ingest: `python -m eruv.library.worker`, without torch or database."""

import json
import resource
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av.logging

from eruv.library.video_pass import EditingSettings, edit_video, video_id_of
from eruv.media.damage import UnreadableVideo
from eruv.utils.processes import limit_resource
from eruv.utils.storage.errors import ObjectError, StorageError
from eruv.utils.storage.remote_path import place

REPORT_INTERVAL_S = 0.5

Message = dict[str, Any]


def main() -> None:
    """Answer requests until stdin ends; the parent handles Ctrl-C.

    A subprocess, not multiprocessing: a spawned child would run a user's script again if it has no
    main guard, and notebooks have none.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    av.logging.set_level(None)
    first = json.loads(sys.stdin.readline())
    settings = EditingSettings.from_dict(first["settings"])
    # A file that asks for all memory fails by itself, before the system kills what it likes.
    limit_resource(resource.RLIMIT_AS, first["memory_bytes"])
    send({"event": "alive"})
    for line in sys.stdin:
        send(answer(json.loads(line), settings))


def send(message: Message) -> None:
    """Write one answer; exit if the parent is gone."""
    try:
        print(json.dumps(message), flush=True)
    except BrokenPipeError:
        sys.exit(1)


def answer(request: Message, settings: EditingSettings) -> Message:
    """The answer to a request: `identified`, `edited`, `unreadable` or `unwritable`."""
    path = place(request["path"])
    try:
        if request["job"] == "identify":
            alive = _Pulse({"event": "alive"})
            return {"event": "identified", "video_id": video_id_of(path, lambda count: alive())}
        return edited(path, request, settings)
    except UnreadableVideo as error:
        return unreadable(error.reason, error.position)
    except MemoryError:
        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        return unreadable(f"decoding it takes more than {most >> 30} GB of memory", "unknown")
    except StorageError as error:
        return storage_failure(error, str(path))
    except OSError as error:
        reason = error.strerror or str(error)
        if request["job"] == "identify":
            return unreadable(reason, "byte 0")
        # Failures in the source are UnreadableVideo, so this is the proxy.
        return {"event": "unwritable", "reason": reason}
    except Exception as error:
        # One file that trips a library must not end a run over a hundred thousand.
        return unreadable(f"{type(error).__name__}: {error}", "unknown")


def storage_failure(error: StorageError, path: str) -> Message:
    """What a failure of object storage means: for one file, or for all."""
    if not isinstance(error, ObjectError):
        return {"event": "unreachable", "reason": str(error)}
    if error.address == path:
        return unreadable(str(error), "unknown")
    return {"event": "unwritable", "reason": str(error)}


def edited(path: Path, request: Message, settings: EditingSettings) -> Message:
    """Edit one video and report its frames meanwhile."""
    pulse = _Pulse({"event": "frames"})

    def report(count: int) -> None:
        pulse(count=count)

    video = edit_video(path, request["video_id"], place(request["proxy_path"]), settings, report)
    return {"event": "edited", "video": asdict(video)}


class _Pulse:
    """A message that is sent now and then, however often it is called."""

    def __init__(self, message: Message) -> None:
        self.message, self.last = message, time.monotonic()

    def __call__(self, **more: Any) -> None:
        if time.monotonic() - self.last >= REPORT_INTERVAL_S:
            self.last = time.monotonic()
            send(self.message | more)


def unreadable(reason: str, position: str) -> Message:
    return {"event": "unreadable", "reason": reason, "position": position}


if __name__ == "__main__":
    main()
