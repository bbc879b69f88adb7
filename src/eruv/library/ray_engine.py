"""The requests of an ingest, answered by tasks of Ray; each has a child process, as without Ray."""

import signal
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from eruv.library.engine import Answers, LocalEngine, NextRequest, Request
from eruv.library.pool import Event, WorkerLimits
from eruv.library.video_pass import EditingSettings
from eruv.media.discovery import LIBRARY_FILE
from eruv.utils.errors import EruvError
from eruv.utils.on_ray import RayCluster
from eruv.utils.paths import printable
from eruv.utils.storage.remote_path import place
from eruv.utils.version import VERSION


class RayEngine:
    """Tasks of a cluster.

    Args:
        folder: of the library, which all nodes see.
        settings: of the library.
        cluster: connected.
        workers: tasks at once; None takes one per core of the cluster.
    """

    def __init__(
        self,
        folder: Path,
        settings: EditingSettings,
        cluster: RayCluster,
        workers: int | None = None,
    ) -> None:
        self.cluster, self.at_once = cluster, workers
        self.workers = workers or max(1, cluster.count("CPU"))
        self.limits = WorkerLimits()
        self.node = NodeWorker(folder, settings, self.limits)

    def answers(self, take: NextRequest, alone: bool = False) -> Answers:
        """See `eruv.library.engine.Engine`; frames are reported at the end of each file only."""
        at_once = 1 if alone else self.at_once
        found = self.cluster.map(self.node.answer, take, lost=_killed, at_once=at_once)
        with closing(found):
            for request, event in found:
                if event["event"] == "edited":
                    self._refuse_other_folder(request, event)
                yield request, event

    def _refuse_other_folder(self, request: Request, event: Event) -> None:
        proxy = place(request["proxy_path"])
        if not proxy.exists() or proxy.stat().st_size != event["video"]["proxy_bytes"]:
            raise EruvError(
                f"a node wrote {printable(proxy)}, which is not visible here. Put the library into "
                f"a folder that all nodes share, and run the same command again."
            )


def _killed(request: Request) -> Event:
    return {"event": "died", "code": -signal.SIGKILL}


# A Ray worker works on one task at a time, and keeps the child process for the next.
_engines: list[tuple["NodeWorker", LocalEngine]] = []


@dataclass(frozen=True)
class NodeWorker:
    """What is sent to a Ray worker: the facts of an ingest that it needs.

    Attributes:
        folder: of the library.
        settings: of the library.
        limits: of each file.
        version: of eruv where the ingest was started.
    """

    folder: Path
    settings: EditingSettings
    limits: WorkerLimits
    version: str = VERSION

    def answer(self, request: Request) -> Event:
        """The answer of a child process of this Ray worker.

        Raises:
            EruvError: if this node has another eruv, or does not see the library.
        """
        self._refuse_other_node()
        if not _engines or _engines[0][0] != self:
            for _, engine in _engines:
                engine.close()
            _engines[:] = [(self, LocalEngine(self.settings, 1, self.limits))]
        _, engine = _engines[0]
        requests = [request]
        answers: Iterable[tuple[Request, Event]] = engine.answers(
            lambda: requests.pop() if requests else None
        )
        *_, (_, event) = answers
        return event

    def _refuse_other_node(self) -> None:
        if self.version != VERSION:
            raise EruvError(
                f"a node of the Ray cluster has eruv {VERSION}; here it is {self.version}. Install "
                f"the same version everywhere."
            )
        if not (self.folder / LIBRARY_FILE).exists():
            raise EruvError(
                f"a node of the Ray cluster does not see {printable(self.folder)}. Put the library "
                f"into a folder that all nodes share."
            )
