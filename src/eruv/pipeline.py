"""The main job in one call: videos → library → encoder → is it worth trying? → report."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.detection.detectors import DetectorChoice
from eruv.evaluation.relations import relations
from eruv.evaluation.worth import Worth, worth
from eruv.library.catalogue import Library, chosen_settings
from eruv.library.ingest import ingest
from eruv.moments.embed import embed
from eruv.reports.report import report
from eruv.training.device import choose_device
from eruv.training.feasibility import segment_table_of
from eruv.training.pretrain import pretrain
from eruv.training.pretrain_config import PretrainConfig, default_recipe
from eruv.training.run_folder import RunFolder
from eruv.training.start import differing_settings
from eruv.utils.console import say
from eruv.utils.paths import Paths
from eruv.utils.results import Result


@dataclass(frozen=True)
class PipelineResult(Result):
    """What a pipeline made and measured.

    Attributes:
        relation_accuracy, chance, relations, pairs_per_relation: see `eruv.relations`.
        worth: whether the encoder is worth trying, without labels; see `eruv.evaluation.worth`.
        pairs_seen: by the training.
        seconds, stage_seconds: wall time of this call, in all and of each stage.
        run: folder of the encoder, for `eruv.load`.
        report: the page.
    """

    relation_accuracy: float
    chance: float
    relations: dict[str, float | None]
    pairs_per_relation: int
    worth: Worth
    pairs_seen: int
    seconds: float
    stage_seconds: dict[str, float]
    run: Path
    report: Path


@dataclass(frozen=True)
class RunResult(PipelineResult):
    """What `run` made and measured: also numbers of the library, and the task learned.

    Attributes:
        windows: that `eruv.search` looks among.
    """

    videos: int
    shots: int
    segments: int
    windows: int
    quarantined: int
    damaged: int
    too_short: int
    pretext: str


def run(
    videos: Paths,
    to: Path | str,
    config: PretrainConfig | None = None,
    *,
    init: Path | str | None = None,
    shortest_segment: int | None = None,
    workers: int | None = None,
    device: str = "auto",
) -> RunResult:
    """Ingest videos, train an encoder on them, measure it and write a report.

    Called again it continues where it stopped. Where a training had ended and videos were added
    since, or other settings are named, a new one is started beside it: run-2, run-3 and so on.

    Args:
        videos: files and folders.
        to: folder for everything.
        config: None continues a run as it was started, and starts one with the recipe laptop.
        init: folder of an earlier encoder to start from.
        shortest_segment: frames; None takes those of the library, or 48 in a new one.
        workers: processes that ingest; one per core by default.
        device: auto, cpu or cuda.

    Raises:
        EruvError: as the stages do.
    """
    choose_device(device)  # one that there is not is refused before hours of ingest
    to = Path(to)
    chosen = config or last_config(to)
    config = chosen or default_recipe()
    timer = StageTimer()
    with timer.stage("ingest"):
        detector = None if config.detector is None else DetectorChoice(config.detector)
        settings = chosen_settings(to / "library", detector, shortest_segment)
        ingested = ingest(videos, to / "library", workers=workers, settings=settings)
    folder = next_run(to, Library(to / "library"), config, init)
    found = trained_and_measured(timer, to / "library", folder, chosen, init=init, device=device)
    with timer.stage("embed"):
        embedded = embed(to / "library", run=folder, device=device)
    with timer.stage("report"):
        page = report(folder, to / "report.html").report
    return RunResult(
        videos=ingested.videos,
        shots=ingested.shots,
        segments=ingested.segments,
        windows=embedded.windows,
        quarantined=len(ingested.quarantined),
        damaged=len(ingested.damaged),
        too_short=len(ingested.too_short),
        pretext=RunFolder(folder).config.pretext,
        report=page,
        **found,
        **timer.times(),
    )


def trained_and_measured(
    timer: "StageTimer",
    library: Path,
    run: Path,
    config: PretrainConfig | None,
    *,
    init: Path | str | None = None,
    device: str,
) -> dict[str, Any]:
    """The stages that `run` and `demo` share; returns fields of `PipelineResult`."""
    with timer.stage("pretrain"):
        done = pretrain(library, run, config, init=init, device=device)
    with timer.stage("relations"):
        measured = relations(run, device=device)
    with timer.stage("worth"):
        judged = worth(run, device=device)
    names = ("relation_accuracy", "chance", "relations", "pairs_per_relation")
    return {"run": run, "pairs_seen": done.pairs_seen, "worth": judged} | {
        name: getattr(measured, name) for name in names
    }


def last_config(to: Path) -> PretrainConfig | None:
    """What the last run in a folder was configured with; None where there is none."""
    last = _runs(to)[-1]
    return last.configured if last.started else None


def _runs(to: Path) -> list[RunFolder]:
    """All runs in a folder; the first whether it was started or not."""
    runs = [RunFolder(to / "run-1")]
    while (following := RunFolder(to / f"run-{len(runs) + 1}")).started:
        runs.append(following)
    return runs


def next_run(
    to: Path, library: Library, config: PretrainConfig, init: Path | str | None = None
) -> Path:
    """The run to continue: one of these videos and settings, or the last, or a new one.

    The last one is not left before it has ended: where settings differ, the training refuses them.
    """
    runs = _runs(to)
    last = runs[-1]
    if not last.started:
        return last.folder
    current = segment_table_of(library, config)[0].fingerprint
    differing = {run.folder: _differing(run, config, init) for run in runs}
    for run in reversed(runs):
        if not differing[run.folder] and run.read("run.json")["fingerprint"] == current:
            return run.folder
    if not last.finished:
        if not differing[last.folder]:
            say(
                f"continuing {last.folder}, which was started before the library changed; "
                f"once it has ended, a further call trains on all videos"
            )
        return last.folder
    folder = to / f"run-{len(runs) + 1}"
    reason = ", ".join(differing[last.folder]) or "the library has changed since"
    say(
        f"{last.folder} has ended, and {reason}: training {folder} "
        f"(init={last.folder} starts the next one from that encoder)"
    )
    return folder


def _differing(run: RunFolder, config: PretrainConfig, init: Path | str | None) -> list[str]:
    """What a call asks for that a run does not have."""
    found = differing_settings(run.configured, config)
    if init is not None and os.path.abspath(init) != run.settings("pretrain")["init"]:
        found.append("init is another")
    return found


class StageTimer:
    """Seconds of wall time of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def times(self) -> dict[str, Any]:
        """The fields of `PipelineResult` that say how long it took."""
        return {"seconds": sum(self.seconds.values()), "stage_seconds": self.seconds}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the stage that is the block, also if it fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - started
