"""Work that a Ray cluster does: a function is mapped over items by its tasks (extra `ray`)."""

import logging
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from eruv.utils.errors import EruvError

ENGINES = ("local", "ray")
Item = TypeVar("Item")
Found = TypeVar("Found")

# Ray reads them when it is imported or started: no telemetry, no metrics server.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_USAGE_STATS_PROMPT_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # a lost node is reported on stdout, where results go
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_enable_metrics_collection": "false",
    "RAY_TRAIN_METRICS_ENABLED": "0",
    "RAY_TRAIN_ENABLE_PRINT_PATCH": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
}
# A file that asks for all memory is ended by its limit, or by the system, as without Ray.
OWN = {"RAY_memory_monitor_refresh_ms": "0"}
# Tasks that wait on a cluster for each that it works on: a core that is done goes on at once.
AHEAD = 2
POLL_S = 0.5
COUNT_S = 5.0
# How often the worker of an item may be lost, with its node or alone.
MOST_LOSSES = 4


def refuse_other_engine(engine: str, address: str | None, processes: int | None = None) -> None:
    """Make sure that an engine is one, and that it takes an address and a number of processes.

    Raises:
        EruvError: if not.
    """
    if engine not in ENGINES:
        raise EruvError(f"engine must be one of {', '.join(ENGINES)}; got {engine}.")
    if address is not None and engine != "ray":
        raise EruvError(f"`address` needs engine ray; got {engine}.")
    if processes is not None and engine != "ray":
        raise EruvError(
            f"`processes` needs engine ray; got {engine}. On one "
            f"machine use torchrun --nproc-per-node={processes}."
        )


def imported_ray() -> ModuleType:
    """The module, quiet.

    Raises:
        EruvError: if the extra is missing.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise EruvError(
            "engine ray needs Ray, which is not installed: pip install 'eruv[ray]'"
        ) from error
    module: ModuleType = ray
    return module


@contextmanager
def ray_cluster(address: str | None, cpus: int | None = None) -> Iterator["RayCluster"]:
    """A cluster within the block.

    Args:
        address: host:port of its head, or auto for one that runs on this machine; None takes the
            environment's RAY_ADDRESS, or Ray on this machine alone, for the time of the block. A
            process that is connected already stays so.
        cpus: of Ray on this machine alone; None takes all.

    Raises:
        EruvError: if the extra `ray` is missing, or there is no such cluster.
    """
    ray = imported_ray()
    if ray.is_initialized():
        yield RayCluster(ray)
        return
    address = address or os.environ.get("RAY_ADDRESS")
    with ExitStack() as stack:
        stack.callback(_put_back, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        options: dict[str, Any] = {"address": address}
        if not address:
            options = {"address": "local", "num_cpus": cpus, "include_dashboard": False}
            # Ray's sockets lie there, and their names are short.
            folder = tempfile.mkdtemp(prefix="eruv-ray-", dir="/tmp")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            options["_temp_dir"] = folder
        with _environment({} if address else OWN):
            _connect(ray, options)
        stack.callback(ray.shutdown)
        yield RayCluster(ray)


def _connect(ray: ModuleType, options: dict[str, Any]) -> None:
    try:
        logging.getLogger("ray").setLevel(logging.ERROR)
        with warnings.catch_warnings():
            # Of forks that become other programs at once, which is no danger to LanceDB.
            warnings.filterwarnings("ignore", "lancedb fork support", RuntimeWarning)
            ray.init(**options, log_to_driver=False, configure_logging=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise EruvError(
            f"no Ray cluster answers at {options['address']}: {_first_line(error)} Start one with "
            f"ray start --head, or leave out `address` to use this machine only."
        ) from error


@contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update({name: value for name, value in more.items() if name not in before})
    try:
        yield
    finally:
        for name in more.keys() - before.keys():
            del os.environ[name]


def _put_back(number: int, handler: Any) -> None:
    with suppress(ValueError):  # not in the main thread
        signal.signal(number, handler)


@dataclass
class RayCluster:
    """A cluster that this process is connected to.

    Args:
        ray: the module.
    """

    ray: ModuleType
    counted: float = field(default=float("-inf"), init=False)
    resources: dict[str, float] = field(default_factory=dict, init=False)

    def count(self, resource: str) -> int:
        """How many of CPU or GPU the nodes have that are there now."""
        if time.monotonic() - self.counted > COUNT_S:
            self.resources, self.counted = self.ray.cluster_resources(), time.monotonic()
        return int(self.resources.get(resource, 0))

    def device(self, device: str) -> str:
        """What a device is on this cluster: auto is cuda where a node has one."""
        if device == "auto":
            return "cuda" if self.count("GPU") else "cpu"
        return device

    def map(
        self,
        function: Callable[[Item], Found],
        take: Callable[[], Item | None],
        *,
        lost: Callable[[Item], Found],
        at_once: int | None = None,
        gpu: bool = False,
        stop: Callable[[], bool] = lambda: False,
    ) -> Generator[tuple[Item, Found], None, None]:
        """Items with what a function finds for them, in the order in which that comes.

        An item whose worker or node is lost is worked on again elsewhere.

        Args:
            function: of the package, with what is the same for all items bound to it.
            take: the next item, or None while there is none; called again after each result.
            lost: the result of an item whose worker was lost repeatedly.
            at_once: items; None takes what keeps the cluster at work, also while it grows.
            gpu: whether each item takes a GPU.
            stop: whether to leave what is begun and end.

        Raises:
            EruvError: as the function does, or if it cannot be run there.
        """
        ray, losses = self.ray, Counter[int]()
        # Ray's own retries have no end for a worker that took too much memory.
        options = {"num_cpus": 1, "num_gpus": int(gpu), "max_retries": 0}
        task, shared = ray.remote(_call).options(**options), ray.put(function)
        at_work: dict[Any, Item] = {}
        try:
            while not stop():
                most = at_once or AHEAD * max(1, self.count("GPU" if gpu else "CPU"))
                while len(at_work) < most and (item := take()) is not None:
                    at_work[task.remote(shared, item)] = item
                if not at_work:
                    return
                done, _ = ray.wait(list(at_work), timeout=POLL_S)
                for reference in done:
                    item = at_work.pop(reference)
                    try:
                        found = _result(ray, reference)
                    except _LostWorker:
                        losses[id(item)] += 1
                        if losses[id(item)] <= MOST_LOSSES:
                            at_work[task.remote(shared, item)] = item
                            continue
                        found = lost(item)
                    losses.pop(id(item), None)
                    yield item, found
        finally:
            for reference in at_work:
                ray.cancel(reference, force=True)


class _LostWorker(Exception):
    """The process that worked on an item ended, or its node."""


def _call(function: Callable[[Item], Found], item: Item) -> Found:
    return function(item)


def _result(ray: ModuleType, reference: Any) -> Any:
    """What a task found.

    Raises:
        EruvError: as the task did, or if it failed in another way.
    """
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, EruvError):
            raise error.cause from None
        raise EruvError(
            f"the work cannot be done on the Ray cluster: {type(error.cause).__name__}: "
            f"{_first_line(error.cause)} Its nodes need the same Python, and the same eruv with "
            f"its extras."
        ) from error
    except ray.exceptions.RuntimeEnvSetupError as error:
        raise EruvError(f"a Ray worker cannot be started: {_first_line(error)}") from error
    except ray.exceptions.RayError as error:
        raise _LostWorker from error


def _first_line(error: BaseException) -> str:
    line = next(iter(str(error).strip().splitlines()), "").strip() or type(error).__name__
    return line if line.endswith((".", "!", "?")) else f"{line}."
