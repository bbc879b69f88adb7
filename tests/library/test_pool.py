"""Worker processes end with their pool and import no more than they need.

Covers also: worker.
"""

import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import av

from eruv.library.pool import WorkerLimits, WorkerPool
from eruv.library.video_pass import EditingSettings, video_id_of
from films_for_tests import encode


def test_workers_end_with_their_pool() -> None:
    with closing(WorkerPool(EditingSettings())) as pool:
        processes = [pool.start().process for _ in range(2)]
        assert all(process.poll() is None for process in processes)
    assert all(process.poll() is not None for process in processes)


def test_a_silent_worker_is_ended_and_its_file_told(tmp_path: Path) -> None:
    fifo = tmp_path / "film.mp4"
    os.mkfifo(fifo)  # whose bytes never come
    with closing(WorkerPool(EditingSettings(), WorkerLimits(silent_s=2.0))) as pool:
        worker = pool.start()
        worker.send({"job": "identify", "path": str(fifo)})
        started = time.monotonic()
        assert pool.next() == (worker, {"event": "died", "code": None})
        assert time.monotonic() - started < 20


def test_a_worker_that_says_something_now_and_then_is_left_alone(tmp_path: Path) -> None:
    fifo = tmp_path / "film.mp4"
    os.mkfifo(fifo)
    block = b"x" * (1 << 20)

    def feed() -> None:
        with fifo.open("wb") as file:
            for _ in range(8):
                file.write(block)
                file.flush()
                time.sleep(0.7)

    with closing(WorkerPool(EditingSettings(), WorkerLimits(silent_s=3.0))) as pool:
        worker = pool.start()
        worker.send({"job": "identify", "path": str(fifo)})
        threading.Thread(target=feed, daemon=True).start()
        assert pool.next()[1]["event"] == "identified"


def test_a_film_that_takes_more_memory_than_it_may_ends_nothing_but_itself(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    encode(path, [av.VideoFrame(8192, 16384, "yuv420p")], options={"preset": "ultrafast"})
    with closing(WorkerPool(EditingSettings(), WorkerLimits(memory_bytes=600 << 20))) as pool:
        worker = pool.start()
        request = {"job": "edit", "path": str(path), "video_id": "ab"}
        worker.send(request | {"proxy_path": str(tmp_path / "proxy.mp4")})
        while (event := pool.next()[1])["event"] == "frames":
            pass
        assert event["event"] == "unreadable"
        worker.send({"job": "identify", "path": str(path)})
        assert pool.next() == (worker, {"event": "identified", "video_id": video_id_of(path)})


def test_ingest_and_its_workers_leave_torch_unimported() -> None:
    code = (
        "import sys, eruv, eruv.library.worker; eruv.ingest; "
        "print([name for name in ('torch', 'accelerate') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("[]\n", 0)


def test_a_worker_needs_no_catalogue() -> None:
    code = "import sys, eruv.library.worker; print([m for m in ('lancedb',) if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n"
