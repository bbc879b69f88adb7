"""`eruv retrieve`: nearest-neighbour retrieval of labelled videos, as figures and as a page."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eruv.datasets.labelled_library import open_labelled
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.features import LEVELS, Extractor, Level, on_device
from eruv.evaluation.retrieval import (
    SMALLEST_CROP,
    MeasuredRetrieval,
    measure_retrieval,
    pooled_maps,
)
from eruv.models.encoder import Encoder, load
from eruv.models.saving import weights_digest
from eruv.published.retrieval import published_for
from eruv.reports.retrieval_page import retrieval_page
from eruv.training.device import choose_device
from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from eruv.utils.paths import printable
from eruv.utils.results import Result

RECORD, PAGE, FEATURES = "retrieval.json", "retrieval.html", "features"


@dataclass(frozen=True)
class RetrieveResult(Result):
    """What `eruv retrieve` measured; all but the last two are in retrieval.json.

    Attributes:
        title: name of the run.
        data_set, level: what was retrieved.
        recall, chance: share of queries with a right one among the k nearest, by k.
        class_recall: recall at 1 by class.
        published: figures of the literature on the same data set, if there are any.
        queries, gallery: numbers of videos, or of clips.
        test_videos, training_videos, classes, num_features: counts.
        backbone, width, crop: of the encoder.
        run: folder of the encoder.
        record, page: retrieval.json and retrieval.html.
    """

    title: str
    data_set: str
    level: str
    recall: dict[str, float]
    chance: dict[str, float]
    class_recall: dict[str, float]
    published: dict[str, Any] | None
    queries: int
    gallery: int
    test_videos: int
    training_videos: int
    classes: int
    num_features: int
    backbone: str
    width: float
    crop: int
    run: str
    record: Path
    page: Path


def retrieve(
    data: LabelledVideos | Path | str,
    run: Path | str,
    to: Path | str | None = None,
    *,
    library: Path | str | None = None,
    level: Level = "video",
    seed: int = 0,
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
    workers: int | None = None,
    device: str = "auto",
) -> RetrieveResult:
    """Find the nearest training videos of every test video, and count the right ones (IV-D.2).

    Features are saved in the folder: a second call continues where the first stopped, or only
    writes the page again.

    Args:
        data: a folder or a CSV file, whose videos are ingested if they are not yet; or opened
            labelled videos.
        run: folder of a run, or of any encoder.
        to: folder for the results; by default one in the run's, named after data set and level.
        library: folder of the videos' library; by default one beside the run that holds the
            videos already, or else `library` in `to`, or beside the results in the run.
        level: `video` or `clip`, see `eruv.evaluation.retrieval`.
        seed: of the queries that the page shows at random.
        format, splits, split, workers: see `eruv.datasets.labelled_library.open_labelled`.
        device: auto, cpu or cuda.

    Raises:
        EruvError: if there is no such encoder or data set, the encoder's crop is too small, or
            the data set has no queries.
        Interrupted: after Ctrl-C.
    """
    _refuse_unknown(level, seed)
    run, encoder = Path(run), load(run)
    refuse_small_crop(encoder, run)  # before an ingest that may take hours
    videos = open_labelled(
        data,
        library,
        default=Path(to or run / "retrieval") / "library",
        near=[run],
        format=format,
        splits=splits,
        split=split,
        workers=workers,
    )
    folder = Path(to or run / "retrieval" / folder_name(videos.name, level))
    folder.mkdir(parents=True, exist_ok=True)
    chosen = choose_device(device)
    extractor = Extractor(videos, encoder.size, pooled_maps(on_device(encoder, chosen)), chosen)
    key = {"weights": weights_digest(run, encoder.input), "feature": "last maps, max-pooled 2x2"}
    with folder_lock(folder):
        measured = measure_retrieval(extractor, key, folder / FEATURES, level)
        record = _record(videos, run, encoder, measured)
        replace_text(folder / RECORD, json.dumps(record, indent=2) + "\n")
        replace_text(folder / PAGE, retrieval_page(videos, measured, record, encoder.size, seed))
    return RetrieveResult(**record, record=folder / RECORD, page=folder / PAGE)


def _refuse_unknown(level: Level, seed: int) -> None:
    if level not in LEVELS:
        raise EruvError(f"level must be one of {', '.join(LEVELS)}; got {level}.")
    if seed < 0:
        raise EruvError(f"seed must be at least 0; got {seed}.")


def refuse_small_crop(encoder: Encoder, run: Path) -> None:
    """Stop if the last maps are too small to be pooled.

    Raises:
        EruvError: with the smallest crop.
    """
    if encoder.size.crop < SMALLEST_CROP:
        raise EruvError(
            f"the encoder in {run} sees crops of {encoder.size.crop} pixels. Retrieval pools its "
            f"last maps 2x2 (7x7 to 3x3 at a crop of 112), which takes crops of at least "
            f"{SMALLEST_CROP}: train one with size.crop {SMALLEST_CROP} or more."
        )


def folder_name(data_set: str, level: Level) -> str:
    """The default folder of a data set: its name in plain characters."""
    name = re.sub(r"[^a-z0-9]+", "-", data_set.lower()).strip("-") or "data"
    return name if level == "video" else f"{name}-{level}s"


def _record(
    videos: LabelledVideos, run: Path, encoder: Encoder, measured: MeasuredRetrieval
) -> dict[str, Any]:
    published = published_for(len(videos.classes), len(videos.train), len(videos.test))
    return {
        "title": printable(Path(run.resolve().name)),
        "data_set": videos.name,
        "level": measured.level,
        "recall": {str(k): share for k, share in measured.recall.items()},
        "chance": {str(k): share for k, share in measured.chance.items()},
        "class_recall": measured.class_recall,
        "published": asdict(published) if published else None,
        "queries": len(measured.right),
        "gallery": len(videos.train) * measured.rows_per_video,
        "test_videos": len(videos.test),
        "training_videos": len(videos.train),
        "classes": len(videos.classes),
        "num_features": measured.num_features,
        "backbone": encoder.backbone.title,
        "width": encoder.backbone.width,
        "crop": encoder.size.crop,
        "run": str(run),
    }
