"""The child process that decodes for the page: `python -m eruv.web.decoding`, one job a line."""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import av.logging
import numpy as np

from eruv.media.damage import UnreadableVideo
from eruv.utils.processes import limit_resource
from eruv.web.clip_file import TooLarge, TooLong, write_clip
from eruv.web.confinement import confine
from eruv.web.frame_at import still_of
from eruv.web.preview_file import write_preview

REPORT_INTERVAL_S = 0.25
# Modules that are imported when they are first used.
CODE = [Path(os.path.realpath(str(one.__file__))).parent for one in (os, av, np)]
CODE.append(Path(os.path.realpath(__file__)).parents[1])

Message = dict[str, Any]
JOBS: dict[str, Callable[..., Message]] = {
    "preview": write_preview,
    "clip": write_clip,
    "still": still_of,
}


def main() -> None:
    """Answer requests until stdin ends; the parent handles Ctrl-C, and ends what takes too long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    av.logging.set_level(None)
    bounds = json.loads(sys.stdin.readline())
    limit(bounds)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if bounds["confined"]:
                written = [Path(request["to"]).parent] if "to" in request else []
                confine([Path(request["path"]), *CODE], written)
        except OSError as error:
            send(refused(f"It cannot be opened: {error.strerror}."))
            continue
        send(answer(request))


def limit(bounds: dict[str, Any]) -> None:
    """Bind this process, before it opens any file, by the fields of `Bounds`."""
    for kind, most in (
        (resource.RLIMIT_AS, bounds["memory_bytes"]),
        (resource.RLIMIT_FSIZE, bounds["file_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        limit_resource(kind, most)
    os.nice(bounds["niceness"])


def send(message: Message) -> None:
    """Write one answer; exit if the parent is gone."""
    try:
        print(json.dumps(message), flush=True)
    except BrokenPipeError:
        os._exit(1)  # nothing more can be flushed


def answer(request: Message) -> Message:
    """The answer to a request: `done` with what the job gives, or `refused` with a sentence."""
    job = JOBS[request.pop("job")]
    paths = {name: Path(request[name]) for name in ("path", "to") if name in request}
    last = time.monotonic()

    def report(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT_INTERVAL_S:
            last = time.monotonic()
            send({"event": "share", "share": min(1.0, max(0.0, share))})

    try:
        return {"event": "done", **job(**request | paths, on_share=report)}
    except (TooLong, TooLarge) as error:
        return refused(str(error))
    except UnreadableVideo as error:
        return refused(f"It cannot be decoded: {error.reason}.")
    except MemoryError:
        return refused("Decoding it takes too much memory.")
    except OSError as error:  # FFmpeg's errors are among them
        return refused(f"It cannot be decoded: {error.strerror or type(error).__name__}.")
    except Exception as error:
        # Whatever a library trips over becomes a sentence for the person who waits.
        return refused(f"It cannot be decoded ({type(error).__name__}).")


def refused(reason: str) -> Message:
    """What the parent raises as `Refused`."""
    return {"event": "refused", "reason": reason}


if __name__ == "__main__":
    main()
