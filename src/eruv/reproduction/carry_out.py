"""Carry out one experiment: train or measure, and keep the result in a folder of its own."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.evaluation.probe import probe
from eruv.evaluation.recognition import recognition
from eruv.evaluation.relations import relations
from eruv.figures.attention_figure import attention_figure
from eruv.figures.embedding import embedding_figure
from eruv.models.encoder import Encoder, load
from eruv.models.inputs import with_channels_last
from eruv.reports.retrieval import retrieve
from eruv.reproduction.experiments import (
    AttentionFigure,
    EmbeddingFigure,
    Experiment,
    Finetuning,
    Pretraining,
    Probe,
    RelationTest,
    Retrieval,
    key_of,
)
from eruv.reproduction.sets import PaperSets
from eruv.reproduction.titles import METHOD_TITLES, NETWORK_TITLES
from eruv.training.device import choose_device
from eruv.training.finetune import train_classifier
from eruv.training.pretrain import pretrain, start_pretraining
from eruv.training.run_folder import RunFolder
from eruv.training.untrained import untrained_encoder
from eruv.utils.atomic import read_record, replace_text
from eruv.utils.paths import printable

RECORD = "paper.json"
INTERRUPTED = "interrupted.json"

Result = dict[str, Any]


@dataclass(frozen=True)
class Workplace:
    """Where everything is.

    Attributes:
        folder: one folder in it for each experiment.
        sets: prepared as far as experiments need them.
        device: auto, cpu or cuda.
    """

    folder: Path
    sets: PaperSets
    device: str = "auto"

    def of(self, experiment: Experiment) -> Path:
        """The folder of an experiment."""
        return self.folder / key_of(experiment)

    def result(self, experiment: Experiment) -> Result | None:
        """What an experiment gave; None while it has not ended.

        Only what was made with exactly these settings is taken.
        """
        record = self.record(experiment)
        return None if record is None else record["result"]

    def record(self, experiment: Experiment) -> Result | None:
        """Settings, result and seconds of an experiment that has ended."""
        record = read_record(self.of(experiment) / RECORD)
        if record is None or record.get("settings") != _plain(experiment.settings):
            return None
        return record

    def carry_out(self, experiment: Experiment) -> Result:
        """Train or measure, unless that was done before.

        Raises:
            EruvError: as the trainings and measurements do.
        """
        found = self.result(experiment)
        if found is not None:
            return found
        folder = self.of(experiment)
        folder.mkdir(parents=True, exist_ok=True)
        before, started = self._seconds_before(folder), time.monotonic()
        try:
            result = CARRY_OUT[type(experiment)](self, experiment, folder)
        except BaseException:
            spent = before + time.monotonic() - started
            replace_text(folder / INTERRUPTED, json.dumps({"seconds": spent}) + "\n")
            raise
        record = {
            "title": experiment.title,
            "settings": experiment.settings,
            "result": result,
            "seconds": before + time.monotonic() - started,
        }
        replace_text(folder / RECORD, json.dumps(record, indent=2) + "\n")
        return result

    @staticmethod
    def _seconds_before(folder: Path) -> float:
        """Time that calls took which were interrupted."""
        record = read_record(folder / INTERRUPTED)
        return float(record["seconds"]) if record else 0.0


def _plain(settings: Result) -> Result:
    """Settings as they are after a turn through JSON, which knows no tuples."""
    plain: Result = json.loads(json.dumps(settings))
    return plain


def _pretraining(place: Workplace, wanted: Pretraining, folder: Path) -> Result:
    library = place.sets.library(wanted.data.name)
    if wanted.method != "random":
        trained = pretrain(library.folder, folder, wanted.config, device=place.device).to_dict()
        return {name: value for name, value in trained.items() if name != "run"}
    run = RunFolder(folder)
    if not run.started:
        start_pretraining(run, library, wanted.config)
    untrained_encoder(run, library).save_pretrained(folder)
    return {"pairs_seen": 0}


def _relation_test(place: Workplace, wanted: RelationTest, folder: Path) -> Result:
    del folder  # the result is kept with the run
    return relations(
        place.of(wanted.encoder),
        pairs_per_relation=wanted.pairs_per_relation,
        device=place.device,
    ).to_dict()


def _finetuning(place: Workplace, wanted: Finetuning, folder: Path) -> Result:
    videos = place.sets.videos(wanted.data.name, wanted.data.split)
    init = place.of(wanted.init) if wanted.init else None
    trained = train_classifier(videos, folder, wanted.config, init=init, device=place.device)
    tested = recognition(
        folder, videos, device=place.device, loader_workers=wanted.config.loader_workers
    )
    return trained | tested.to_dict()


def _retrieval(place: Workplace, wanted: Retrieval, folder: Path) -> Result:
    videos = place.sets.videos(wanted.data.name, wanted.data.split)
    encoder = place.of(wanted.encoder)
    return retrieve(videos, encoder, folder, level=wanted.level, device=place.device).to_dict()


def _probe(place: Workplace, wanted: Probe, folder: Path) -> Result:
    del folder  # features are kept with the run
    videos = place.sets.videos(wanted.data.name, wanted.data.split)
    found = probe(
        place.of(wanted.encoder),
        videos,
        neighbours=wanted.neighbours,
        seed=wanted.encoder.config.seed,
        device=place.device,
        loader_workers=wanted.encoder.config.loader_workers,
        beside_untrained=False,  # the random encoder is a row of its own
    )
    return found.trained | {"chance": found.chance}


def _embedding(place: Workplace, wanted: EmbeddingFigure, folder: Path) -> Result:
    videos = place.sets.videos(wanted.data.name, wanted.data.split)
    encoders = {METHOD_TITLES[one.method]: load(place.of(one)) for one in wanted.encoders}
    found = embedding_figure(
        encoders,
        videos,
        folder,
        samples_of_class=wanted.samples_of_class,
        method=wanted.method,
        seed=wanted.seed,
        device=place.device,
    )
    return found | {"files": _names(found["files"])}


def _attention(place: Workplace, wanted: AttentionFigure, folder: Path) -> Result:
    video = place.sets.test_file(wanted.data.name)
    device = choose_device(place.device)
    encoders: dict[str, Encoder] = {
        NETWORK_TITLES[one.config.backbone]: with_channels_last(load(place.of(one))).to(device)
        for one in wanted.encoders
    }
    files = attention_figure(encoders, video, folder)
    return {"video": printable(Path(video.name)), "files": _names(files)}


def _names(files: Sequence[Path | str]) -> list[str]:
    return [Path(file).name for file in files]


CARRY_OUT: dict[type, Callable[[Workplace, Any, Path], Result]] = {
    Pretraining: _pretraining,
    RelationTest: _relation_test,
    Finetuning: _finetuning,
    Retrieval: _retrieval,
    Probe: _probe,
    EmbeddingFigure: _embedding,
    AttentionFigure: _attention,
}
