"""How fast and how exact a search is: a table in memory, a million windows with an index, others.

    python benchmarks/search_index.py --to FOLDER [--rows 1000000] [--docs docs/benchmarks]

Vectors are made: each of 5,000 topics is a random direction; a shot lies around a topic, spread in
48 directions; a window lies around its shot. A video has ten shots of ten windows. Queries are
further windows of shots that are there. Everything runs in one process, on the cores that it has;
faiss-cpu is compared where it is installed, with the same number of centres and probes.
"""

import argparse
import gc
import json
import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eruv.library.catalogue import Library
from eruv.library.rows import FileStamp, Source, source_row
from eruv.moments import table as tables
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.filters import Condition
from eruv.moments.index import ROWS_OF_PARTITION, refresh_index
from eruv.moments.memory import MemoryWindows
from eruv.moments.query import Stretch
from eruv.moments.searcher import Searcher
from eruv.moments.table import VectorTable
from eruv.moments.vectors import unit
from pages import DOCS, write_page

TOPICS, DIRECTIONS, SHOT_SPREAD, WINDOW_SPREAD = 5000, 48, 0.8, 0.25
SHOTS, WINDOWS = 10, 10  # of a video, of a shot
FEATURES, LOOK = 512, 108
AT_ONCE = 50_000
QUERIES, BATCH, NEIGHBOURS = 100, 50, 10
EXACT_ROWS = 100_000

Vectors = NDArray[np.float32]


class Made:
    """Windows that are drawn, some after others; the same for the same seed."""

    def __init__(self, dim: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        self.topics = unit(generator.standard_normal((TOPICS, dim)).astype(np.float32))
        self.directions = generator.standard_normal((DIRECTIONS, dim)).astype(np.float32)
        self.directions /= np.sqrt(dim * DIRECTIONS)
        self.seed, self.dim = seed, dim

    def shots(self, first: int, count: int) -> Vectors:
        generator = np.random.default_rng([self.seed, first])
        topics = self.topics[generator.integers(TOPICS, size=count)]
        return topics + SHOT_SPREAD * self._spread(generator, count)

    def windows(self, shots: Vectors, each: int, seed: int) -> Vectors:
        generator = np.random.default_rng([self.seed, seed, 1])
        count = len(shots) * each
        noise = WINDOW_SPREAD * self._spread(generator, count)
        noise += (
            WINDOW_SPREAD
            * 0.3
            / np.sqrt(self.dim)
            * generator.standard_normal((count, self.dim)).astype(np.float32)
        )
        return unit(shots.repeat(each, axis=0) + noise)

    def _spread(self, generator: np.random.Generator, count: int) -> Vectors:
        drawn = generator.standard_normal((count, DIRECTIONS)).astype(np.float32)
        return np.asarray(drawn @ self.directions, np.float32)


def batches(rows: int, made: dict[str, Made]) -> Iterator[dict[str, Vectors]]:
    """Vectors and looks, AT_ONCE windows after AT_ONCE windows."""
    for first in range(0, rows, AT_ONCE):
        shots = min(AT_ONCE, rows - first) // WINDOWS
        yield {
            name: one.windows(one.shots(first, shots), WINDOWS, first) for name, one in made.items()
        }


def fill(folder: Path, rows: int, made: dict[str, Made]) -> tuple[VectorTable, float]:
    """A library of made windows, without an index; and the seconds that it took."""
    shutil.rmtree(folder, ignore_errors=True)
    library = Library.open_or_create(folder, None)
    table = VectorTable(library, EmbeddedBy("made", ".", FEATURES, 1.0, (128, 171, 112)))
    started, first = time.monotonic(), 0
    for batch in batches(rows, made):
        count = len(batch["vector"])
        windows = [place(first + number) for number in range(count)]
        facts = np.full((count, 3), 0.5, np.float32)
        table.add(windows, batch["vector"], batch["look"], facts)
        first += count
    table.compact()
    sources = [
        source_row(Source(Path(f"/films/{number}.mp4"), FileStamp(1, 1, 1), video_id(number)))
        for number in range(rows // (SHOTS * WINDOWS))
    ]
    library.tables["sources"].add(pa.Table.from_pylist(sources))
    table.save_made_by()
    return table, time.monotonic() - started


def video_id(number: int) -> str:
    return f"{number:064x}"


def place(row: int) -> dict[str, Any]:
    video, within = divmod(row, SHOTS * WINDOWS)
    return {
        "video_id": video_id(video),
        "shot": within // WINDOWS,
        "start": 25 * within,
        "end": 25 * within + 16,
        "start_s": float(within),
        "end_s": within + 0.64,
    }


def number_of(row: dict[str, Any]) -> int:
    return int(row["video_id"], 16) * SHOTS * WINDOWS + int(row["start"]) // 25


@dataclass(frozen=True)
class Timing:
    """Milliseconds of single queries, of one of a batch, and the share of true neighbours."""

    p50_ms: float
    p95_ms: float
    batch_ms: float
    recall: float


def measure(
    one: Callable[[Vectors], list[int]],
    many: Callable[[Vectors], object],
    queries: Vectors,
    truth: NDArray[np.int64],
) -> Timing:
    """Single queries, each after the other, then a batch of 50, three times."""
    one(queries[:1])
    times, hits = [], 0
    for number in range(len(queries)):
        started = time.perf_counter()
        found = one(queries[number : number + 1])
        times.append(time.perf_counter() - started)
        hits += len(set(found[:NEIGHBOURS]) & set(truth[number].tolist()))
    batch = []
    for _ in range(3):
        started = time.perf_counter()
        many(queries[:BATCH])
        batch.append((time.perf_counter() - started) / BATCH)
    p50, p95 = 1e3 * np.percentile(times, (50, 95))
    return Timing(p50, p95, 1e3 * float(np.median(batch)), hits / truth.size)


def nearest(matrix: Vectors, queries: Vectors) -> NDArray[np.int64]:
    """Exactly, by numpy."""
    cosines = queries @ matrix.T
    best = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1)
    return np.asarray(np.take_along_axis(best, order, axis=1), np.int64)


def through(windows: Any, column: str) -> Callable[[Vectors], list[int]]:
    def one(queries: Vectors) -> list[int]:
        rows = windows.nearest(queries, NEIGHBOURS, Condition(), column)
        return [number_of(row) for row in rows]

    return one


def _nearest_in(windows: Any, column: str, queries: Vectors) -> object:
    return windows.nearest(queries, NEIGHBOURS, Condition(), column)


def memory_mb() -> int:
    """Resident memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def questions(rows: int, one: Made) -> Vectors:
    """Further windows of shots that are there."""
    generator, found = np.random.default_rng(7), []
    for _ in range(QUERIES):
        first = AT_ONCE * int(generator.integers(-(-rows // AT_ONCE)))
        shots = one.shots(first, min(AT_ONCE, rows - first) // WINDOWS)
        chosen = shots[generator.integers(len(shots))][None]
        found.append(one.windows(chosen, 1, 1 + int(generator.integers(1 << 30))))
    return np.concatenate(found)


def matrix_of(rows: int, made: dict[str, Made], name: str) -> Vectors:
    matrix = np.empty((rows, made[name].dim), np.float32)
    first = 0
    for batch in batches(rows, {name: made[name]}):
        matrix[first : first + len(batch[name])] = batch[name]
        first += len(batch[name])
    return matrix


def with_faiss(matrix: Vectors, facts: dict[str, Any], name: str) -> Any:
    """An index of faiss: flat, or parted like ours with a byte a number."""
    try:
        import faiss
    except ImportError:
        return None
    started, dim = time.monotonic(), matrix.shape[1]
    if len(matrix) <= EXACT_ROWS:
        index = faiss.IndexFlatIP(dim)
    else:
        flat = faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFScalarQuantizer(
            flat,
            dim,
            facts["partitions"],
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
        )
        index.cp.niter, index.nprobe = 15, facts["probes"]
        index.train(matrix[:: max(1, len(matrix) // (64 * facts["partitions"]))])
    index.add(matrix)
    facts[f"faiss_{name}_build_s"] = time.monotonic() - started
    return index


def measured(table: VectorTable, made: dict[str, Made], facts: dict[str, Any]) -> dict[str, Timing]:
    """Ours, numpy and faiss, few windows and many."""
    found: dict[str, Timing] = {}
    rows = facts["rows"]
    for name, column in (("vector", "vector"), ("look", "look")):
        queries = questions(rows, made[name])
        matrix = matrix_of(rows, made, name)
        truth = np.concatenate([nearest(matrix, queries[n : n + 1]) for n in range(len(queries))])
        key = f"{rows:,} × {made[name].dim}"
        found[f"{key}, index"] = measure(
            through(table, column),
            partial(_nearest_in, table, column),
            queries,
            truth,
        )
        facts[f"memory_{name}_mb"] = memory_mb()
        if name == "vector":
            found |= _others(matrix, queries, truth, facts, key)
            few = matrix[:EXACT_ROWS]
            few_truth = np.concatenate([nearest(few, one[None]) for one in queries])
            memory = MemoryWindows(table.table.head(EXACT_ROWS))
            key = f"{EXACT_ROWS:,} × {FEATURES}"
            found[f"{key}, memory"] = measure(
                through(memory, column),
                partial(_nearest_in, memory, column),
                queries,
                few_truth,
            )
            found |= _others(few, queries, few_truth, facts, key)
            del few, memory
        print(json.dumps({one: asdict(timing) for one, timing in found.items()}), flush=True)
        del matrix
        gc.collect()
    return found


def _others(
    matrix: Vectors,
    queries: Vectors,
    truth: NDArray[np.int64],
    facts: dict[str, Any],
    key: str,
) -> dict[str, Timing]:
    found = {
        f"{key}, numpy": measure(
            lambda one: nearest(matrix, one)[0].tolist(),
            lambda many: nearest(matrix, many),
            queries,
            truth,
        )
    }
    index = with_faiss(matrix, facts, f"{len(matrix)}")
    if index is not None:
        found[f"{key}, faiss"] = measure(
            lambda one: index.search(one, NEIGHBOURS)[1][0].tolist(),
            lambda many: index.search(many, NEIGHBOURS),
            queries,
            truth,
        )
    return found


def whole_search(table: VectorTable) -> tuple[float, float]:
    """p50 and p95 in ms of `Searcher.find` for 20 moments like two stored seconds."""
    searcher = Searcher(table.library.folder, device="cpu")
    generator, times = np.random.default_rng(3), []
    for _ in range(QUERIES):
        video = video_id(int(generator.integers(len(searcher.names))))
        at = float(generator.integers(SHOTS * WINDOWS - 3))
        started = time.perf_counter()
        query = searcher.of_stretch(Stretch(video, at, at + 2))
        searcher.find(query, k=20)
        times.append(time.perf_counter() - started)
    p50, p95 = 1e3 * np.percentile(times[5:], (50, 95))
    return float(p50), float(p95)


def write(docs: Path, facts: dict[str, Any], timings: dict[str, Timing]) -> None:
    lines = [
        "# A million windows are searched by an index, a hundred thousand exactly",
        "",
        "    python benchmarks/search_index.py --to FOLDER",
        "",
        "Vectors are made: 5,000 topics in random directions; shots lie around topics, windows",
        "around shots (ten shots of ten windows a video). Queries are further windows of shots",
        "that are there. All in one process, one after another; `recall` is of the ten nearest.",
        "numpy and faiss give numbers of rows, ours the rows with vectors, looks and places.",
        "",
        "| | p50 ms | p95 ms | of a batch of 50, ms each | recall@10 |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {one.p50_ms:.1f} | {one.p95_ms:.1f} | {one.batch_ms:.1f} "
            f"| {one.recall:.3f} |"
            for name, one in timings.items()
        ),
        "",
        f"The index (IVF_SQ of LanceDB, {facts['partitions']:,} parts, {facts['probes']} of them "
        f"visited) of both columns was built in {facts['build_s']:.0f} s, in a process of "
        f"{facts['build_mb']:,} MB. A whole search, for 20 moments like two stored seconds, by "
        f"vectors and looks, with merging and folding: {facts['find_p50_ms']:.0f} ms in the "
        f"median, {facts['find_p95_ms']:.0f} ms at p95. Ours, faiss and numpy hold "
        f"{facts['memory_vector_mb']:,} MB at that point, numpy's 2,000 MB included.",
        *busy(facts),
    ]
    write_page(
        docs,
        "search_index",
        lines,
        {"facts": facts, "timings": {one: asdict(timing) for one, timing in timings.items()}},
    )


def busy(facts: dict[str, Any]) -> list[str]:
    """A sentence about other work, where the machine's load was more than this run's own."""
    if facts["load"] < facts["cores"] + 1:
        return []
    return [
        "",
        f"Other work shared the machine: its load average was {facts['load']:.0f} on "
        f"{facts['cores']} cores, and times are longer than on a quiet one.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args()
    made = {"vector": Made(FEATURES, 0), "look": Made(LOOK, 1)}
    stored = arguments.to / "facts.json"
    if stored.exists():  # made by an earlier call
        facts = json.loads(stored.read_text())
        table = VectorTable.of_library(Library(arguments.to / "library"))
    else:
        facts = {"rows": arguments.rows}
        table, facts["fill_s"] = fill(arguments.to / "library", arguments.rows, made)
        started = time.monotonic()
        refresh_index(table)
        facts["build_s"], facts["build_mb"] = time.monotonic() - started, memory_mb()
        facts["partitions"] = arguments.rows // ROWS_OF_PARTITION
        stored.write_text(json.dumps(facts))
    facts["probes"], facts["load"] = tables.PROBES, os.getloadavg()[0]
    facts["cores"] = len(os.sched_getaffinity(0))
    facts["find_p50_ms"], facts["find_p95_ms"] = whole_search(table)
    print(json.dumps(facts), flush=True)
    write(arguments.docs, facts, measured(table, made, facts))


if __name__ == "__main__":
    main()
