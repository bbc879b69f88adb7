"""The demo: the full pipeline on built-in films, and a test of the encoder that it makes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.features import Extractor
from eruv.evaluation.retrieval import (
    chance_at,
    colour_histogram,
    on_still_frames,
    pooled_maps,
    recall_at,
)
from eruv.films.films import DemoFilm, render_films
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.models.encoder import load
from eruv.pipeline import PipelineResult, StageTimer, trained_and_measured
from eruv.reports.report import report
from eruv.reports.results import DEMO_RETRIEVAL
from eruv.training.device import available_cores, torch_threads
from eruv.training.pretrain_config import PretrainConfig, recipe
from eruv.training.run_folder import RunFolder
from eruv.training.untrained import untrained_encoder


@dataclass(frozen=True)
class DemoResult(PipelineResult):
    """What the demo made and measured.

    Attributes:
        retrieval_top1: share of queries whose nearest neighbour shows the same action; `_untrained`
            by the encoder before its training, `_still` with the first frame repeated, `_colour`
            by colour alone; retrieval_chance by chance.
        recall: the same at more neighbours.
        queries, gallery, actions: how many shots, and of what.
    """

    retrieval_top1: float
    retrieval_top1_untrained: float
    retrieval_top1_still: float
    retrieval_top1_colour: float
    retrieval_chance: float
    recall: dict[str, dict[str, float]]
    queries: int
    gallery: int
    actions: list[str]


def demo(
    to: Path | str = "demo",
    *,
    seed: int = 0,
    device: str = "auto",
    config: PretrainConfig | None = None,
    films: tuple[int, int] = (20, 10),
) -> DemoResult:
    """Render films, cut them, train on them, and measure what the encoder has learned.

    Queries are the shots of held-out films, the gallery those of training films; the two share
    no background and no figure. Called again, it continues where it stopped.

    Args:
        to: folder for everything.
        seed: of the training; the films are always the same.
        device: auto, cpu or cuda.
        config: None continues as the run was started, and starts one with the recipe `demo`; its
            seed and held-out videos are replaced.
        films: numbers of training and held-out films.

    Raises:
        EruvError: as the stages do.
    """
    to = Path(to)
    timer = StageTimer()
    with timer.stage("films"):
        made = render_films(
            to / "films", num_train=films[0], num_held_out=films[1], workers=available_cores()
        )
    with timer.stage("ingest"):
        ingest(to / "films", to / "library")
    library = Library(to / "library")
    ids = {paths[0].stem: video_id for video_id, paths in library.paths().items()}
    held_out = tuple(sorted(ids[film.name] for film in made if film.split == "held_out"))
    run = RunFolder(to / f"run-seed-{seed}")
    config = config or (run.configured if run.started else recipe("demo"))
    config = replace(
        config, seed=seed, validation=replace(config.validation, held_out_ids=held_out)
    )
    found = trained_and_measured(timer, library.folder, run.folder, config, device=device)
    with timer.stage("retrieval"):
        if not (run.folder / DEMO_RETRIEVAL).exists():
            run.write(DEMO_RETRIEVAL, retrieve_actions(run, library, made, ids))
    with timer.stage("report"):
        page = report(run.folder, to / "report.html").report
    return DemoResult(report=page, **found, **run.read(DEMO_RETRIEVAL), **timer.times())


def retrieve_actions(
    run: RunFolder, library: Library, films: Sequence[DemoFilm], ids: dict[str, str]
) -> dict[str, Any]:
    """Recall of actions with the trained encoder and its baselines (fact 4, level video)."""
    trained, untrained = load(run.folder), untrained_encoder(run, library)
    queries = labelled_shots(films, "held_out")
    gallery = labelled_shots(films, "train")
    actions = sorted({video.label for video in gallery})
    numbers = tuple(ids[film.name] for film in films)
    videos = LabelledVideos(
        "the built-in films", library, numbers, tuple(actions), tuple(gallery), tuple(queries)
    )
    baselines = {
        "retrieval_top1": pooled_maps(trained),
        "retrieval_top1_untrained": pooled_maps(untrained),
        "retrieval_top1_still": on_still_frames(pooled_maps(trained)),
        "retrieval_top1_colour": colour_histogram,
    }
    query_labels = [video.label for video in queries]
    gallery_labels = [video.label for video in gallery]
    widths: list[int] = []

    def extract(clips: Tensor) -> Tensor:  # all baselines at once: reading clips takes long
        found = [baseline(clips) for baseline in baselines.values()]
        widths[:] = [features.shape[1] for features in found]
        return torch.cat(found, dim=1)

    with torch_threads(available_cores()):
        extractor = Extractor(videos, trained.size, extract)
        features = extractor.all_rows([*queries, *gallery], "retrieval")
    parts = np.split(features, np.cumsum(widths)[:-1], axis=1)
    recalls = {
        name: recall_at(part[: len(queries)], query_labels, part[len(queries) :], gallery_labels)
        for name, part in zip(baselines, parts, strict=True)
    }
    return {
        **{name: recall[1] for name, recall in recalls.items()},
        "retrieval_chance": chance_at(query_labels, gallery_labels, [1])[1],
        "recall": {name.replace("top1", "recall"): recall for name, recall in recalls.items()},
        "queries": len(queries),
        "gallery": len(gallery),
        "actions": actions,
    }


def labelled_shots(films: Sequence[DemoFilm], split: str) -> list[LabelledVideo]:
    """The shots of the films of a split, labelled by what is done in them."""
    return [
        LabelledVideo(number, shot.start, shot.end, shot.action)
        for number, film in enumerate(films)
        if film.split == split
        for shot in film.shots
    ]
