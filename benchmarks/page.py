"""How soon the page answers, of a small library and of one of a million windows.

    python benchmarks/page.py LIBRARY... [--requests 100] [--docs docs/benchmarks]

Libraries have vectors. Those that search_index.py makes have no rows of their videos: those are
added. Each page is served by `eruv serve`, a process of its own, and asked by one client, request
after request, each for another video or moment.
"""

import argparse
import http.client
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa

from eruv.library.catalogue import Library
from eruv.library.rows import SCHEMAS
from eruv.moments.table import VectorTable
from eruv.web.shelf import Shelf
from pages import DOCS, write_page

TARGET_MS = 150


@dataclass(frozen=True)
class AnswerTimes:
    """Milliseconds of the answers to requests of one kind, and of the processor for each."""

    kind: str
    p50_ms: float
    p95_ms: float
    most_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class PageTimes:
    """What was measured of the page of one library.

    Attributes:
        videos, windows: of the library.
        start_s: from the start of the process to its first page.
        memory_mb: of the process after all requests, without what it shares with others.
        answers: by kind of request.
    """

    videos: int
    windows: int
    start_s: float
    memory_mb: int
    answers: list[AnswerTimes]


def complete(library: Library, table: VectorTable) -> None:
    """Add rows of the videos that have vectors, where there is none."""
    missing = sorted(table.videos() - set(library.video_ids()))
    shots = [[250 * n, 250 * (n + 1)] for n in range(10)]
    row = {
        "width": 640,
        "height": 360,
        "frames_per_second": 25.0,
        "num_frames": 2500,
        "start_s": 0.0,
        "end_s": 100.0,
        "shots": shots,
        "shots_s": [[start / 25, end / 25] for start, end in shots],
        "num_segments": 10,
        "packets": 2500,
        "failed_packets": 0,
        "lost_s": 0.0,
        "first_failure": "",
    }
    for first in range(0, len(missing), 5000):
        rows = [row | {"video_id": one} for one in missing[first : first + 5000]]
        library.tables["videos"].add(pa.Table.from_pylist(rows, SCHEMAS["videos"]))
    library.compact()


@contextmanager
def serving(folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    """The page of a library: its process and port."""
    words = ["serve", str(folder), "--port", "0", "--device", "cpu"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eruv", *words], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        found = re.search(r":(\d+)/", process.stderr.readline())
        assert found, process.stderr.read()
        yield psutil.Process(process.pid), int(found[1])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def ask(client: http.client.HTTPConnection, address: str) -> float:
    """Milliseconds until a page is there, whole."""
    started = time.perf_counter()
    client.request("GET", address)
    answer = client.getresponse()
    text = answer.read()
    assert answer.status == 200, (address, answer.status, text[:500])
    assert address.startswith("/search") is (b'id="results"' in text), address
    return 1000 * (time.perf_counter() - started)


def kinds(shelf: Shelf, draw: random.Random) -> dict[str, Callable[[], str]]:
    """Addresses of each kind of request, drawn anew at each call."""
    names = shelf.now()

    def moment(more: str = "") -> str:
        row = shelf.row(draw.choice(names.order))
        assert row is not None
        start = draw.uniform(row.start_s, max(row.start_s, row.end_s - 3.0))
        return f"/search?video={row.video_id}&from={start:.2f}&to={start + 2.5:.2f}{more}"

    return {
        "a page of the library": lambda: f"/?page={draw.randrange(1, len(names.order) // 20 + 2)}",
        "filtered by name": lambda: f"/?name={draw.randrange(1000)}",
        "a video": lambda: f"/video/{draw.choice(names.order)}",
        "more like a moment": moment,
        "the same, of other videos": lambda: moment("&other=1"),
    }


def measured(folder: Path, requests: int) -> PageTimes:
    """Times of one library."""
    library = Library(folder)
    table = VectorTable.of_library(library)
    complete(library, table)
    shelf, draw = Shelf(library), random.Random(0)
    windows, started = len(table), time.monotonic()
    del table
    with serving(folder) as (process, port):
        client = http.client.HTTPConnection("127.0.0.1", port)
        ask(client, "/")
        start_s = time.monotonic() - started
        answers = []
        for kind, address in kinds(shelf, draw).items():
            ask(client, address())
            before = sum(process.cpu_times()[:2])
            times = [ask(client, address()) for _ in range(requests)]
            spent = 1000 * (sum(process.cpu_times()[:2]) - before) / requests
            shown = [*np.percentile(times, [50, 95]), max(times), spent]
            answers.append(AnswerTimes(kind, *(round(float(one), 1) for one in shown)))
        memory = process.memory_full_info().uss
    return PageTimes(len(shelf.now().order), windows, start_s, round(memory / 1e6), answers)


def write(docs: Path, found: list[PageTimes], requests: int) -> None:
    """The page of the figures."""
    load = os.getloadavg()[0]
    lines = [
        "# How soon the page answers",
        "",
        "    python benchmarks/page.py LIBRARY...",
        "",
        f"Milliseconds until a page is there, by {requests} requests of each kind, one by one.",
        f"The target is {TARGET_MS} ms for 95 of 100. *Processor* is the time the process took",
        f"for an answer, on all cores. Load of the machine at the end: {load:.1f}.",
        "",
    ]
    if load > 1 + len(os.sched_getaffinity(0)):
        lines[-1:] = [
            "Other work kept the machine busy: where it is quiet, answers come sooner, and only",
            "the processor's time can be compared.",
            "",
        ]
    for one in found:
        lines += [
            f"**{one.windows:,} windows of {one.videos:,} videos.** The first page is there "
            f"{one.start_s:.1f} s after the start of the process, which then holds "
            f"{one.memory_mb:,} MB.",
            "",
            "| request | p50 | p95 | longest | processor |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {row.kind} | {row.p50_ms:.0f} | {row.p95_ms:.0f} | {row.most_ms:.0f} "
            f"| {row.cpu_ms:.0f} |"
            for row in one.answers
        ]
        lines.append("")
    data: Any = [asdict(one) for one in found]
    write_page(docs, "page", lines, data)


def main() -> None:
    """Measure each library, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("libraries", nargs="+", type=Path)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args()
    found = []
    for folder in options.libraries:
        found.append(measured(folder, options.requests))
        print(found[-1], flush=True)
    write(options.docs, found, options.requests)


if __name__ == "__main__":
    main()
