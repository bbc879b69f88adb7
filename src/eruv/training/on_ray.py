"""A training in workers of Ray Train: the loop is the one that runs here and under `torchrun`."""

import io
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any, cast

from eruv.utils.console import LOG, silenced
from eruv.utils.errors import EruvError
from eruv.utils.on_ray import RayCluster, ray_cluster

# Lost workers or nodes after which a training is resumed from its last saved state.
MOST_LOSSES = 10
PAUSE_S = 0.5


def train_on_ray(
    work: Callable[..., object],
    folder: Path,
    device: str,
    address: str | None,
    processes: int | None,
) -> None:
    """Train in several processes of a cluster, to the end.

    Args:
        work: called in each process with `device=`; picklable, with absolute paths.
        folder: of the run, which all nodes see.
        device: auto is cuda where a node has one.
        address: see `eruv.utils.on_ray.ray_cluster`.
        processes: that share each step; None takes one per GPU, or one per node.

    Raises:
        EruvError: as `work` does; or if the cluster has too few cores or GPUs, or Ray Train fails.
    """
    if processes is not None and processes < 1:
        raise EruvError(f"processes must be at least 1; got {processes}.")
    folder.mkdir(parents=True, exist_ok=True)
    with ray_cluster(address) as cluster, _scratch(folder) as scratch:
        ray, device = cluster.ray, cluster.device(device)
        shape = _shape(cluster, device, processes)
        relay = ray.remote(Relay).options(num_cpus=0, scheduling_strategy=_here(ray)).remote()
        job = _Job(work, device, relay, sys.stderr.isatty(), not LOG.isEnabledFor(20))
        _fit(ray, _trainer(ray, job, shape, scratch), relay)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """What Ray Train writes goes there, for the time of the block; all nodes must see it."""
    scratch = Path(mkdtemp(prefix=".ray-", dir=folder)).absolute()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _here(ray: ModuleType) -> Any:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)


def _shape(cluster: RayCluster, device: str, processes: int | None) -> dict[str, Any]:
    """How many processes there are, and what each takes."""
    unit = "GPU" if device == "cuda" else "CPU"
    nodes = [node["Resources"] for node in cluster.ray.nodes() if node["Alive"]]
    nodes = [node for node in nodes if node.get(unit)]
    if not nodes:
        raise EruvError(f"the Ray cluster has no {unit}. Choose another device, or add a node.")
    units = cluster.count("GPU") if unit == "GPU" else len(nodes)
    processes = processes or units
    most = cluster.count(unit)
    if processes > most:
        raise EruvError(
            f"`processes` must be at most {most}: the Ray cluster has {most} {unit}s; "
            f"got {processes}."
        )
    alone = processes <= len(nodes)
    each = int(min(node.get("CPU", 1) for node in nodes)) if alone and unit == "CPU" else 1
    return {
        "num_workers": processes,
        "use_gpu": unit == "GPU",
        "resources_per_worker": {"CPU": max(1, each), **({"GPU": 1} if unit == "GPU" else {})},
        "placement_strategy": "SPREAD",
    }


def _trainer(ray: ModuleType, job: "_Job", shape: dict[str, Any], scratch: Path) -> Any:
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    return TorchTrainer(
        _in_worker,
        train_loop_config={"job": job},
        torch_config=TorchConfig(backend="nccl" if job.device == "cuda" else "gloo"),
        scaling_config=ScalingConfig(**shape),
        run_config=RunConfig(
            name="training",
            storage_path=str(scratch),
            failure_config=FailureConfig(max_failures=MOST_LOSSES),
        ),
    )


@dataclass
class Relay:
    """An actor beside the caller: what the first process says, and why the training failed."""

    said: list[str] = field(default_factory=list)
    refusal: str = ""

    def say(self, text: str) -> None:
        """Keep a text for the caller."""
        self.said.append(text)

    def refuse(self, reason: str) -> None:
        """Note why there is nothing to train."""
        self.refusal = self.refusal or reason

    def state(self) -> tuple[list[str], str]:
        """What was said since the last call, and the refusal."""
        said, self.said = self.said, []
        return said, self.refusal

    def refused(self) -> bool:
        """Whether there is a refusal."""
        return bool(self.refusal)


class _CallersStderr(io.TextIOBase):
    """The caller's stderr, in a worker."""

    def __init__(self, relay: Any, live: bool) -> None:
        self.relay, self.live = relay, live

    def write(self, text: str) -> int:
        self.relay.say.remote(text)
        return len(text)

    def isatty(self) -> bool:
        return self.live


@dataclass(frozen=True)
class _Job:
    work: Callable[..., object]
    device: str
    relay: Any
    live: bool
    quiet: bool


def _in_worker(config: dict[str, Any]) -> None:
    """Train in one of the processes, unless one found that it cannot be done."""
    import ray
    from ray.train import get_context

    job: _Job = config["job"]
    if ray.get(job.relay.refused.remote()):
        return
    first = get_context().get_world_rank() == 0
    stderr = _CallersStderr(job.relay, job.live) if first else io.StringIO()
    with redirect_stderr(cast(Any, stderr)), silenced(job.quiet):
        try:
            job.work(device=job.device)
        except EruvError as error:
            # Ray Train begins again after an error, and ends at once when it was refused.
            ray.get(job.relay.refuse.remote(str(error)))
            raise


def _fit(ray: ModuleType, trainer: Any, relay: Any) -> None:
    """Train to the end, and say meanwhile what the first process says.

    In a thread, since Ray Train would take Ctrl-C for itself.
    """
    failures: list[BaseException] = []

    def fit() -> None:
        try:
            trainer.fit()
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=fit, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(PAUSE_S)
            _pass_on(ray, relay)
    except KeyboardInterrupt:
        with suppress(Exception):
            trainer.shutdown()
        raise
    refusal = _pass_on(ray, relay)
    if refusal:
        raise EruvError(refusal)
    if failures:
        lines = str(failures[0]).strip().splitlines() or [type(failures[0]).__name__]
        raise EruvError(
            f"the training failed on the Ray cluster: {lines[-1]} Run the same command again to "
            f"continue from the last saved state."
        ) from failures[0]


def _pass_on(ray: ModuleType, relay: Any) -> str:
    said, refusal = ray.get(relay.state.remote())
    for text in said:
        sys.stderr.write(text)
    sys.stderr.flush()
    return str(refusal)
