"""Run one experiment: train or measure, and save the result in a folder of its own."""

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.evaluation.probe import probe
from eruv.evaluation.recognition import correct_videos, recognition
from eruv.evaluation.relations import relations
from eruv.evaluation.retrieval import top1_correct
from eruv.figures.attention_figure import attention_figure
from eruv.figures.embedding import embedding_figure
from eruv.models.encoder import load
from eruv.reports.retrieval import FEATURES, retrieve
from eruv.reproduction.data import PaperData
from eruv.reproduction.differences import CORRECT
from eruv.reproduction.experiments import (
    AttentionFigure,
    EmbeddingFigure,
    Experiment,
    FinetuningRun,
    PretrainingRun,
    ProbeTest,
    RelationTest,
    RetrievalTest,
)
from eruv.reproduction.study import METHOD_TITLES, NETWORK_TITLES
from eruv.training.finetune import train_classifier
from eruv.training.pretrain import pretrain, start_pretraining
from eruv.training.run_folder import RunFolder
from eruv.training.untrained import untrained_encoder
from eruv.utils.atomic import read_record, replace_text
from eruv.utils.errors import Interrupted
from eruv.utils.paths import printable
from eruv.utils.results import Result

RECORD = "paper.json"
INTERRUPTED = "interrupted.json"
# A class of a pretext task that fewer of the segments allow is learned from these few alone.
RARE = 0.05
# A number for each pair of classes; it stays in the folder of the run.
LARGE = ("confusion",)
# Of this machine: they say nothing to others.
PATHS = ("run", "record", "page")

Values = dict[str, Any]


@dataclass(frozen=True)
class Runner:
    """Runs experiments and finds their results again.

    Attributes:
        folder: one folder in it for each experiment.
        data: prepared as far as experiments need it.
        device: auto, cpu or cuda.
    """

    folder: Path
    data: PaperData
    device: str = "auto"

    def folder_of(self, experiment: Experiment) -> Path:
        """The folder of an experiment."""
        return self.folder / experiment.key

    def record(self, experiment: Experiment) -> Values | None:
        """Settings, result and seconds of a finished experiment of exactly these settings."""
        record = read_record(self.folder_of(experiment) / RECORD)
        # JSON has no tuples: a turn through it makes settings equal to those that were read.
        settings = json.loads(json.dumps(experiment.settings))
        return record if record and record.get("settings") == settings else None

    def result(self, experiment: Experiment) -> Values | None:
        """The result of a finished experiment; else None."""
        record = self.record(experiment)
        return None if record is None else record["result"]

    def run(self, experiment: Experiment) -> Values:
        """Train or measure, unless that was done before.

        Raises:
            EruvError: as the trainings and measurements do.
        """
        found = self.result(experiment)
        if found is not None:
            return found
        folder = self.folder_of(experiment)
        folder.mkdir(parents=True, exist_ok=True)
        interrupted = read_record(folder / INTERRUPTED)
        started = time.monotonic() - (float(interrupted["seconds"]) if interrupted else 0.0)
        try:
            result = RUN[type(experiment)](self, experiment, folder)
        except (Interrupted, KeyboardInterrupt):
            spent = {"seconds": time.monotonic() - started}
            replace_text(folder / INTERRUPTED, json.dumps(spent) + "\n")
            raise
        record = {
            "title": experiment.title,
            "settings": experiment.settings,
            "result": result,
            "seconds": time.monotonic() - started,
        }
        replace_text(folder / RECORD, json.dumps(record, indent=2) + "\n")
        (folder / INTERRUPTED).unlink(missing_ok=True)
        return result

    def describe(self, experiment: Experiment) -> Values:
        """What pages say of a run: settings and, once it has finished, seconds and result."""
        record = self.record(experiment) or {"seconds": None, "result": {}}
        result = {
            name: _digits(value) if name == CORRECT else value
            for name, value in record["result"].items()
            if name not in (*LARGE, *PATHS)
            and not (isinstance(value, str) and os.path.isabs(value))
        }
        return {
            "title": experiment.title,
            "key": experiment.key,
            "settings": experiment.settings,
            "seconds": record["seconds"],
            "result": result,
            "feasibility": self._feasibility(experiment),
        }

    def rare_classes(self, experiments: Iterable[Experiment]) -> tuple[str, ...]:
        """A sentence for each class of a pretext task that hardly any segment of a run allowed."""
        notes: dict[str, None] = {}  # each once, in order
        for experiment in experiments:
            training = (self._feasibility(experiment) or {}).get("training", {})
            segments = training.get("segments", 0)
            for name, share in training.get("possible", {}).items():
                if share < RARE:
                    notes[
                        f"{experiment.title}: {name} is possible in {round(share * segments)} of "
                        f"{segments} training segments, which its samples repeat."
                    ] = None
        return tuple(notes)

    def _feasibility(self, experiment: Experiment) -> Values | None:
        """How many segments allow each class, of a pre-training that was started."""
        if not isinstance(experiment, PretrainingRun) or experiment.method == "random":
            return None
        run = RunFolder(self.folder_of(experiment))
        return run.read("run.json").get("feasibility") if run.started else None


def _pretrain(runner: Runner, run: PretrainingRun, folder: Path) -> Values:
    library = runner.data.library(run.data.name)
    if run.method != "random":
        trained = pretrain(library.folder, folder, run.config, device=runner.device)
        return _without_paths(trained)
    untrained = RunFolder(folder)
    if not untrained.started:
        start_pretraining(untrained, library, run.config)
    untrained_encoder(untrained, library).save_pretrained(folder)
    return {"pairs_seen": 0}


def _test_relations(runner: Runner, test: RelationTest, folder: Path) -> Values:
    del folder  # the result is saved with the encoder
    return relations(
        runner.folder_of(test.encoder),
        pairs_per_relation=test.pairs_per_relation,
        device=runner.device,
    ).to_dict()


def _finetune(runner: Runner, run: FinetuningRun, folder: Path) -> Values:
    videos = runner.data.videos(run.data.name, run.data.split)
    init = runner.folder_of(run.init) if run.init else None
    trained = train_classifier(videos, folder, run.config, init=init, device=runner.device)
    tested = recognition(
        folder, videos, device=runner.device, loader_workers=run.config.loader_workers
    )
    correct = correct_videos(folder, videos, runner.device, run.config.loader_workers)
    return trained | tested.to_dict() | {CORRECT: correct}


def _retrieve(runner: Runner, test: RetrievalTest, folder: Path) -> Values:
    videos = runner.data.videos(test.data.name, test.data.split)
    encoder = runner.folder_of(test.encoder)
    found = retrieve(videos, encoder, folder, level=test.level, device=runner.device)
    return _without_paths(found) | {CORRECT: top1_correct(folder / FEATURES, videos, test.level)}


def _probe(runner: Runner, test: ProbeTest, folder: Path) -> Values:
    del folder  # features are saved with the encoder
    config = test.encoder.config
    measured = probe(
        runner.folder_of(test.encoder),
        runner.data.videos(test.data.name, test.data.split),
        neighbours=test.neighbours,
        seed=config.seed,
        device=runner.device,
        loader_workers=config.loader_workers,
        beside_untrained=False,  # the random encoder is a row of its own
    )
    return measured.trained | {"chance": measured.chance}


def _draw_embedding(runner: Runner, figure: EmbeddingFigure, folder: Path) -> Values:
    encoders = {METHOD_TITLES[one.method]: load(runner.folder_of(one)) for one in figure.encoders}
    drawn = embedding_figure(
        encoders,
        runner.data.videos(figure.data.name, figure.data.split),
        folder,
        samples_of_class=figure.samples_of_class,
        method=figure.method,
        seed=figure.seed,
        device=runner.device,
    )
    return drawn | {"files": _names(drawn["files"])}


def _draw_attention(runner: Runner, figure: AttentionFigure, folder: Path) -> Values:
    video = runner.data.test_file(figure.data.name)
    encoders = {
        NETWORK_TITLES[one.config.backbone]: load(runner.folder_of(one)) for one in figure.encoders
    }
    files = attention_figure(encoders, video, folder, device=runner.device)
    return {"video": printable(Path(video.name)), "files": _names(files)}


def _without_paths(result: Result) -> Values:
    return {name: value for name, value in result.to_dict().items() if name not in PATHS}


def _digits(correct: Sequence[bool]) -> str:
    """A 1 for each test video that got its class, else 0, in the order of the test list."""
    return "".join(str(int(right)) for right in correct)


def _names(files: Sequence[Path | str]) -> list[str]:
    return [Path(file).name for file in files]


RUN: dict[type, Callable[[Runner, Any, Path], Values]] = {
    PretrainingRun: _pretrain,
    RelationTest: _test_relations,
    FinetuningRun: _finetune,
    RetrievalTest: _retrieve,
    ProbeTest: _probe,
    EmbeddingFigure: _draw_embedding,
    AttentionFigure: _draw_attention,
}
