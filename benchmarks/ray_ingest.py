"""An ingest on four Ray nodes of one core, one of them killed half-way, beside one machine.

    python benchmarks/ray_ingest.py --to DIR [--films 500] [--rounds 2]

Films are the begin of the first two shots of demo films of another seed. Nodes are real processes
of this machine (Ray's own cluster utilities). In each round four ways take turns: four local
workers; one Ray node with four cores; four nodes with one core each; and four such nodes, of which
one that is reading a film is killed when half of the proxies are there. Every catalogue and every
proxy is compared with those of the local workers of the first round.
"""

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from eruv.films.plan import FilmPlan, plan_films
from eruv.films.render import is_rendered, render_film
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.training.device import available_cores
from eruv.utils.on_ray import imported_ray
from pages import DOCS, write_page

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from libraries_for_tests import catalogue_rows, proxy_bytes

CORES = 4
SHOT_FRAMES = 50
STORE_BYTES = 80 << 20
LOCAL, ONE_NODE, NODES, ONE_LOST = (
    "four local workers",
    "one Ray node of four cores",
    "four Ray nodes of one core",
    "four Ray nodes, one killed half-way",
)


@dataclass(frozen=True)
class Ingested:
    """One ingest beside the first one of local workers.

    Attributes:
        way: of working.
        seconds: of the call; starting the nodes is not counted.
        videos: in the catalogue.
        lost, twice: videos that are missing, and rows too many.
        other_rows: rows of any table that the other does not have, or has more often.
        other_proxies: proxies whose bytes differ.
        nodes_lost: in its course.
        load: average of the machine at the end.
    """

    way: str
    seconds: float
    videos: int
    lost: int
    twice: int
    other_rows: int
    other_proxies: int
    nodes_lost: int
    load: float


def render_missing(plan: FilmPlan, folder: Path) -> int:
    """Render a film if it is not there; returns its frames."""
    path = folder / f"{plan.name}.mp4"
    if not is_rendered(plan, path):
        render_film(plan, path)
    return plan.num_frames


def shortened(plan: FilmPlan) -> FilmPlan:
    """The begin of the first two shots of a film, with a cut between them."""
    one, other = plan.shots[:2]
    one = replace(one, start=0, end=SHOT_FRAMES)
    return replace(plan, shots=(one, replace(other, start=SHOT_FRAMES, end=2 * SHOT_FRAMES)))


def make_films(folder: Path, count: int) -> int:
    """Render the short films; returns their frames."""
    folder.mkdir(parents=True, exist_ok=True)
    plans = [shortened(plan) for plan in plan_films(18, count, 0)]
    with ProcessPoolExecutor(available_cores(), get_context("spawn")) as pool:
        return sum(pool.map(partial(render_missing, folder=folder), plans))


@contextmanager
def ray_nodes(cores: list[int]) -> Iterator[Any]:
    """A cluster of nodes with so many cores each."""
    imported_ray()
    from ray.cluster_utils import Cluster

    first, *others = [{"num_cpus": one, "object_store_memory": STORE_BYTES} for one in cores]
    folder = tempfile.mkdtemp(prefix="eruv-ray-", dir="/tmp")  # names of sockets are short
    os.environ["RAY_TMPDIR"] = folder
    head = {**first, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for node in others:
            cluster.add_node(**node)
        cluster.wait_for_nodes()
        yield cluster
    finally:
        cluster.shutdown()
        shutil.rmtree(folder)


def kill_half_way(cluster: Any, library: Path, half: int, done: threading.Event) -> None:
    """Kill a node that reads a film, once half of the proxies are there."""
    while len(list((library / "proxies").glob("*/*.mp4"))) < half and not done.is_set():
        time.sleep(0.05)
    while not done.is_set():
        for node in list(cluster.worker_nodes):
            (raylet,) = node.all_processes["raylet"]
            if any(map(reads_film, psutil.Process(raylet.process.pid).children(recursive=True))):
                cluster.remove_node(node, allow_graceful=False)
                return


def reads_film(process: psutil.Process) -> bool:
    """Whether a process has a film open."""
    try:
        return any(one.path.endswith(".mp4") for one in process.open_files())
    except psutil.Error:
        return False


def compared(way: str, seconds: float, library: Path, truth: Path, nodes_lost: int) -> Ingested:
    """A library beside that of the local workers."""
    ids, expected = Library(library).video_ids(), set(Library(truth).video_ids())
    rows, right = catalogue_rows(library), catalogue_rows(truth)
    proxies, right_proxies = proxy_bytes(library), proxy_bytes(truth)
    return Ingested(
        way=way,
        seconds=seconds,
        videos=len(ids),
        lost=len(expected - set(ids)),
        twice=len(ids) - len(set(ids)),
        other_rows=sum(
            sum(a != b for a, b in zip(rows[name], right[name], strict=False))
            + abs(len(rows[name]) - len(right[name]))
            for name in right
        ),
        other_proxies=sum(
            proxies.get(name) != right_proxies.get(name)
            for name in proxies.keys() | right_proxies.keys()
        ),
        nodes_lost=nodes_lost,
        load=os.getloadavg()[0],
    )


def on_nodes(cores: list[int], kill: bool, films: Path, library: Path) -> tuple[float, int]:
    """Seconds of an ingest on a cluster, and how many nodes it lost."""
    with ray_nodes(cores) as cluster:
        before, done = len(cluster.worker_nodes), threading.Event()
        half = len(list(films.glob("*.mp4"))) // 2
        killing = threading.Thread(target=kill_half_way, args=(cluster, library, half, done))
        if kill:
            killing.start()
        started = time.monotonic()
        ingest(films, library, engine="ray", address=cluster.address)
        seconds = time.monotonic() - started
        done.set()
        if kill:
            killing.join()
        return seconds, before - len(cluster.worker_nodes)


def here(films: Path, library: Path) -> tuple[float, int]:
    """Seconds of an ingest by local workers."""
    started = time.monotonic()
    ingest(films, library, workers=CORES)
    return time.monotonic() - started, 0


WAYS: dict[str, Callable[[Path, Path], tuple[float, int]]] = {
    LOCAL: here,
    ONE_NODE: partial(on_nodes, [CORES], False),
    NODES: partial(on_nodes, [1] * CORES, False),
    ONE_LOST: partial(on_nodes, [1] * CORES, True),
}


def page(found: list[Ingested], films: int, frames: int, beside: str) -> list[str]:
    """The lines of the page, with a sentence about what ran beside it."""
    seconds = {way: [one.seconds for one in found if one.way == way] for way in WAYS}
    on_ray = [one for one in found if one.way != LOCAL]
    rounds = len(seconds[LOCAL])
    base = seconds[ONE_NODE]
    lines = [
        "# An ingest on several Ray nodes",
        "",
        "    python benchmarks/ray_ingest.py --to DIR",
        "",
        f"{films} films of two shots (320×240, {frames:,} frames), rendered by the demo's film "
        f"maker; rounds in turns: {rounds}; nodes are real processes of one machine, and starting "
        "them is not counted.",
        "",
        "| | seconds, median | frames a second | speed beside one Ray node, median of ratios |",
        "|---|---|---|---|",
    ]
    for way, times in seconds.items():
        ratio = median(one / other for one, other in zip(base, times, strict=True))
        lines.append(
            f"| {way} | {median(times):.1f} | {frames / median(times):,.0f} | {ratio:.2f} |"
        )
    loads = sorted(one.load for one in found)
    return [
        *lines,
        "",
        f"Of {len(on_ray)} ingests on Ray, {sum(one.nodes_lost for one in on_ray)} lost a node "
        f"that was reading a film: **{sum(one.lost for one in on_ray)} videos lost, "
        f"{sum(one.twice for one in on_ray)} there twice**; "
        f"{sum(one.other_rows for one in on_ray)} rows (videos, segments, proxies, sources) and "
        f"{sum(one.other_proxies for one in on_ray)} proxies differ from those of local workers.",
        "",
        f"Load average from {loads[0]:.0f} to {loads[-1]:.0f}, of which each way makes four, on "
        f"{available_cores()} cores: this tells what Ray costs, not how it scales. {beside}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--films", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--beside", default="", help="what else runs on the machine, a sentence")
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args()
    folder = options.to / f"films-{options.films}"
    frames = make_films(folder, options.films)
    found: list[Ingested] = []
    truth = options.to / "truth"
    shutil.rmtree(truth, ignore_errors=True)
    for _ in range(options.rounds):
        for way, work in WAYS.items():
            library = options.to / "library" if truth.exists() else truth
            shutil.rmtree(options.to / "library", ignore_errors=True)
            seconds, nodes_lost = work(folder, library)
            found.append(compared(way, seconds, library, truth, nodes_lost))
            print(found[-1], flush=True)
        lines = page(found, options.films, frames, options.beside)
        write_page(options.docs, "ray_ingest", lines, [asdict(one) for one in found])


if __name__ == "__main__":
    main()
