"""A worker process of an ingest: `python -m eruv.library.worker`, without torch or database."""

import json
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av.logging

from eruv.library.video_pass import EditingSettings, edit_video, video_id_of
from eruv.media.damage import UnreadableVideo

REPORT_INTERVAL_S = 0.5

Message = dict[str, Any]


def main() -> None:
    """Answer requests until stdin ends; the parent handles Ctrl-C.

    A subprocess, not multiprocessing: a spawned child would run a user's script again if it has no
    main guard, and notebooks have none.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    av.logging.set_level(None)
    settings = EditingSettings.from_dict(json.loads(sys.stdin.readline()))
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
    path = Path(request["path"])
    try:
        if request["job"] == "identify":
            return {"event": "identified", "video_id": video_id_of(path)}
        return edited(path, request, settings)
    except UnreadableVideo as error:
        return unreadable(error.reason, error.position)
    except OSError as error:
        reason = error.strerror or str(error)
        if request["job"] == "identify":
            return unreadable(reason, "byte 0")
        # Failures in the source are UnreadableVideo, so this is the proxy.
        return {"event": "unwritable", "reason": reason}
    except Exception as error:
        # One file that trips a library must not end a run over a hundred thousand.
        return unreadable(f"{type(error).__name__}: {error}", "unknown")


def edited(path: Path, request: Message, settings: EditingSettings) -> Message:
    """Edit one video and report its frames meanwhile."""
    last_report = time.monotonic()

    def report(count: int) -> None:
        nonlocal last_report
        if time.monotonic() - last_report >= REPORT_INTERVAL_S:
            last_report = time.monotonic()
            send({"event": "frames", "count": count})

    video = edit_video(path, request["video_id"], Path(request["proxy_path"]), settings, report)
    return {"event": "edited", "video": asdict(video)}


def unreadable(reason: str, position: str) -> Message:
    return {"event": "unreadable", "reason": reason, "position": position}


if __name__ == "__main__":
    main()
