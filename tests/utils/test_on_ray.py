"""Ray nodes, as real processes of this machine, do what local workers do, also when one is lost.

Covers also: library/ray_engine, training/on_ray.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import eruv
from eruv.library import pool, ray_engine
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.pool import WorkerLimits
from eruv.library.video_pass import EditingSettings, video_id_of
from eruv.moments.table import VectorTable
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from eruv.utils.on_ray import imported_ray, ray_cluster, refuse_other_engine
from films_for_tests import SmallLibrary, render_video
from libraries_for_tests import catalogue_rows, proxy_bytes
from training_for_tests import KEPT_FILES, saved_steps, start_eruv, tiny, wait_until, write_recipe

NODES = 4
NODE = {"num_cpus": 1, "object_store_memory": 80 << 20}
CHILD = "eruv.library.worker"


class Nodes:
    """A cluster of nodes of one core each; the first one cannot be lost.

    Args:
        folder: for all that Ray writes; of a short name, since its sockets have long ones.
        environment: that the nodes get.
    """

    def __init__(self, folder: Path, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("RAY_TMPDIR", str(folder))
        imported_ray()
        from ray.cluster_utils import Cluster

        head = {**NODE, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args=head)
        self.others: list[Any] = []
        self.complete()

    @property
    def address(self) -> str:
        return str(self.cluster.address)

    def complete(self) -> None:
        """Add nodes in place of those that were lost."""
        while len(self.others) < NODES - 1:
            self.others.append(self.cluster.add_node(**NODE))
        self.cluster.wait_for_nodes()

    def busy(self) -> Any | None:
        """A node that has a file open, if one has."""
        for node in self.others:
            if any(files_of(child) for child in children_of(node)):
                return node
        return None

    def kill_busy(self) -> None:
        """End a node while it reads a file."""
        node = wait_for(self.busy)
        self.others.remove(node)
        self.cluster.remove_node(node, allow_graceful=False)


def children_of(node: Any) -> list[psutil.Process]:
    """The child processes of the Ray workers of a node."""
    (raylet,) = node.all_processes["raylet"]
    below = psutil.Process(raylet.process.pid).children(recursive=True)
    return [process for process in below if is_child(process)]


def is_child(process: psutil.Process) -> bool:
    try:
        return CHILD in process.cmdline()
    except psutil.Error:
        return False


def files_of(process: psutil.Process) -> list[str]:
    """Videos that a process has open."""
    try:
        paths = [one.path for one in process.open_files()]
    except psutil.Error:
        return []
    return [path for path in paths if path.endswith(".mp4")]


def wait_for(find: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 120
    while not (found := find()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Nodes]:
    folder = Path(tempfile.mkdtemp(prefix="eruv-ray-", dir="/tmp"))
    try:
        with pytest.MonkeyPatch.context() as environment:
            nodes = Nodes(folder, environment)
            yield nodes
            nodes.cluster.shutdown()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def nodes(cluster: Nodes) -> Nodes:
    cluster.complete()
    return cluster


@pytest.fixture(scope="module")
def films(dozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films, one of them twice, and files that are none."""
    folder = tmp_path_factory.mktemp("films")
    shutil.copytree(dozen, folder, dirs_exist_ok=True)
    shutil.copy(folder / "03.mp4", folder / "same.mp4")
    (folder / "text.mp4").write_text("not a film")
    whole = (folder / "05.mp4").read_bytes()
    (folder / "half.mp4").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture(scope="module")
def local(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("local") / "library"
    ingest(films, folder, workers=2)
    return folder


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_node_that_is_lost_loses_nothing_and_nothing_is_there_twice(
    films: Path, local: Path, nodes: Nodes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    killing = beside(nodes.kill_busy)
    report = ingest(films, tmp_path / "library", engine="ray", address=nodes.address)
    killing.join()
    assert len(nodes.others) == NODES - 2
    assert (report.videos, report.new_videos) == (12, 12)
    assert catalogue_rows(tmp_path / "library") == catalogue_rows(local)
    assert proxy_bytes(tmp_path / "library") == proxy_bytes(local)
    printed, said = capfd.readouterr()
    assert printed == ""
    lines = said.strip().splitlines()
    assert lines[0].startswith("ingest: 15 new files, about ")
    assert lines[0].count(f"with {NODES} workers")
    assert all(line.startswith("ingest ") and "/15 files" in line for line in lines[1:]), lines


def test_vectors_are_those_of_one_machine(
    embedded: tuple[Path, Path], nodes: Nodes, tmp_path: Path
) -> None:
    tables = []
    for name, more in (("here", {}), ("there", {"engine": "ray", "address": nodes.address})):
        folder = tmp_path / name
        shutil.copytree(embedded[0], folder)
        found = eruv.embed(folder, run=embedded[1], every_s=0.2, device="cpu", **more)
        assert found.new_windows == found.windows > 50
        table = VectorTable.of_library(Library(folder)).table.to_arrow()
        tables.append(table.sort_by([("video_id", "ascending"), ("start", "ascending")]))
    one, other = tables
    plain = [name for name in one.column_names if name not in ("vector", "look")]
    for name in plain[:6]:
        assert one[name] == other[name]
    for name in ("vector", "look"):
        np.testing.assert_allclose(
            np.array(one[name].to_pylist()), np.array(other[name].to_pylist()), atol=1e-5
        )


def test_what_the_function_refuses_is_told(nodes: Nodes, tmp_path: Path) -> None:
    items = [Path("a.mp4"), tmp_path / "b.mp4"]
    with ray_cluster(nodes.address) as cluster:
        found = cluster.map(video_id_of, lambda: items.pop() if items else None, lost=repr)
        with pytest.raises(EruvError, match=r"FileNotFoundError: .*[ab]\.mp4.* the same eruv"):
            list(found)
        engine = ray_engine.NodeWorker(tmp_path, None, WorkerLimits(), "0.0.1")
        requests = [{"path": "a.mp4"}]
        answers = cluster.map(
            engine.answer, lambda: requests.pop() if requests else None, lost=lambda request: {}
        )
        with pytest.raises(EruvError, match=r"it is 0\.0\.1\. Install"):
            list(answers)
    assert not imported_ray().is_initialized()


def test_a_worker_that_is_lost_time_and_again_is_given_up_and_the_others_go_on(
    nodes: Nodes,
) -> None:
    codes = [1, 0]  # a worker that ends is lost, whatever its exit code
    with ray_cluster(nodes.address):
        with ray_cluster(None) as cluster:  # what is connected stays so
            assert cluster.count("CPU") == NODES
            found = cluster.map(
                os._exit, lambda: codes.pop() if codes else None, lost=lambda code: f"lost {code}"
            )
            assert sorted(found) == [(0, "lost 0"), (1, "lost 1")]
        assert imported_ray().is_initialized()


def test_a_proxy_that_is_not_seen_here_is_told(tmp_path: Path) -> None:
    class OtherFolders:
        """A cluster whose nodes have the library's path on disks of their own."""

        def count(self, resource: str) -> int:
            return 1

        def map(self, function: Any, take: Any, **more: Any) -> Iterator[Any]:
            yield take(), {"event": "edited", "video": {"proxy_bytes": 7}}

    engine = ray_engine.RayEngine(tmp_path, EditingSettings(), OtherFolders())
    request = {"job": "edit", "path": "a.mp4", "proxy_path": str(tmp_path / "a.mp4")}
    with pytest.raises(EruvError, match="is not visible here"):
        list(engine.answers(lambda: request))


class Tormentor:
    """Sends signals to whatever process reads a file.

    Args:
        plan: signals by paths of files, one for each process that reads the file.
    """

    def __init__(self, plan: dict[Path, list[int]]) -> None:
        self.plan = {str(path): list(signals) for path, signals in plan.items()}
        self.met: set[int] = set()
        beside(self._torment)

    def _torment(self) -> None:
        while any(self.plan.values()):
            for process in filter(is_child, psutil.process_iter()):
                for path in files_of(process):
                    if self.plan.get(path) and process.pid not in self.met:
                        process.send_signal(self.plan[path].pop())
                        self.met.add(process.pid)
            time.sleep(0.02)


@pytest.mark.slow
def test_stuck_and_crashing_files_are_quarantined_as_by_local_workers(
    films: Path, nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a child process the first film's frames come after seconds, more on a busy machine.
    limits = partial(WorkerLimits, silent_s=15.0)
    monkeypatch.setattr(pool, "WorkerLimits", limits)
    monkeypatch.setattr(ray_engine, "WorkerLimits", limits)
    for name in ("stuck.mp4", "crashing.mp4"):
        render_video(tmp_path / name, [(ord(name[0]) + shot, 400) for shot in range(4)])
    found = []
    for name, more in (("here", {}), ("there", {"engine": "ray", "address": nodes.address})):
        stuck, crashing = tmp_path / "stuck.mp4", tmp_path / "crashing.mp4"
        bad = Tormentor({stuck: [signal.SIGSTOP], crashing: [signal.SIGKILL] * 2})
        report = ingest([films, stuck, crashing], tmp_path / name, workers=2, **more)
        assert not any(bad.plan.values())
        rows = catalogue_rows(tmp_path / name)
        # Whether a signal came before or after the bytes were hashed is chance.
        rows["sources"] = [row for row in rows["sources"] if str(tmp_path) not in row]
        found.append((rows, report.quarantined))
    (one, refused), (other, refused_there) = found
    for name in one:
        assert one[name] == other[name]
    assert refused == refused_there
    reasons = {Path(file["path"]).name: file["reason"] for file in refused}
    assert reasons["crashing.mp4"] == "the decoder crashed (exit -9)"
    assert reasons["stuck.mp4"] == "nothing of it could be read for 15 s"
    assert reasons["text.mp4"].startswith("not a video file: ")


@pytest.mark.slow
def test_ctrl_c_ends_ray_on_this_machine_alone_and_leaves_nothing(
    films: Path, local: Path, tmp_path: Path
) -> None:
    before = set(Path("/tmp").glob("eruv-ray-*"))
    words = ["ingest", films, "--to", tmp_path / "library", "--engine", "ray", "--workers", 2]
    process = start_eruv(*words)
    wait_until(lambda: list((tmp_path / "library" / "proxies").glob("*/*.mp4")), process)
    group = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.splitlines()[-1].startswith("eruv ingest: interrupted; ")
    _, alive = psutil.wait_procs(group, timeout=20)
    assert not alive
    assert set(Path("/tmp").glob("eruv-ray-*")) == before
    process = start_eruv(*words)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert catalogue_rows(tmp_path / "library")["videos"] == catalogue_rows(local)["videos"]


@pytest.mark.slow
def test_training_on_ray_has_the_bits_of_torchrun_and_survives_a_node(
    small_library: SmallLibrary, nodes: Nodes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = tiny(pairs=160, checkpoint_interval_s=0.2)
    recipe = write_recipe(tmp_path / "recipe.yaml", config)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "-m", "eruv"]
    words = ["pretrain", small_library.folder, "--to", tmp_path / "torchrun", "--device", "cpu"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command += [*map(str, words), "--config", str(recipe)]
    subprocess.run(command, check=True, env=environment, capture_output=True)

    def kill_one() -> None:
        wait_for(lambda: saved_steps(tmp_path / "ray") > 3)
        training = [node for node in nodes.others if trains(node)]
        nodes.others.remove(training[0])
        nodes.cluster.remove_node(training[0], allow_graceful=False)

    killing = beside(kill_one)
    result = eruv.pretrain(
        small_library.folder,
        tmp_path / "ray",
        config,
        device="cpu",
        engine="ray",
        address=nodes.address,
        processes=2,
    )
    killing.join()
    assert len(nodes.others) == NODES - 2
    assert result.pairs_seen == 160
    printed, said = capfd.readouterr()
    assert printed == ""
    assert said.count("pretrain: 160 pairs, ") == 1
    one, other = RunFolder(tmp_path / "torchrun"), RunFolder(tmp_path / "ray")
    for name in KEPT_FILES:
        assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes(), name
    assert not list(other.folder.glob(".ray-*"))


def trains(node: Any) -> bool:
    """Whether a node has a worker of Ray Train."""
    (raylet,) = node.all_processes["raylet"]
    below = psutil.Process(raylet.process.pid).children(recursive=True)
    return any("RayTrainWorker" in " ".join(process.cmdline()) for process in below)


def test_what_cannot_be_is_told(
    small_library: SmallLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = small_library.truth[0].path
    with pytest.raises(EruvError, match="engine must be one of local, ray; got dask"):
        ingest(film, tmp_path / "library", engine="dask")
    with pytest.raises(EruvError, match="`address` needs engine ray"):
        eruv.embed(small_library.folder, run=tmp_path, address="auto")
    with pytest.raises(EruvError, match="torchrun --nproc-per-node=2"):
        refuse_other_engine("local", None, 2)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EruvError, match=r"pip install 'eruv\[ray\]'"):
        ingest(film, tmp_path / "library", engine="ray")
