"""The page of a retrieval: figures, and a gallery of queries with their neighbours."""

from contextlib import closing
from dataclasses import dataclass
from typing import Any

from eruv.clips.spec import CLIP_FRAMES, ClipSize
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.features import CLIPS_PER_VIDEO
from eruv.evaluation.retrieval import RECALL_AT, MeasuredRetrieval
from eruv.reports.gallery import Gallery
from eruv.reports.neighbour_choice import SHOWN_NEIGHBOURS, chosen_groups
from eruv.utils.html import page_environment

SHOWN_CLASSES = 5

Cells = list[float | None]


@dataclass(frozen=True)
class RecallRow:
    """One row of the table of recalls: a kind (ours, chance, published, later) and shares."""

    title: str
    kind: str
    recalls: Cells


@dataclass(frozen=True)
class ClassRecall:
    """Recall at 1 of the queries of one class."""

    label: str
    recall: float
    queries: int


def retrieval_page(
    videos: LabelledVideos,
    measured: MeasuredRetrieval,
    record: dict[str, Any],
    size: ClipSize,
    seed: int,
) -> str:
    """The page as text; equal for equal input.

    Args:
        videos: the data set.
        measured: what retrieval found.
        record: what retrieval.json holds.
        size: of the clips that the network saw.
        seed: of the queries that are drawn at random.
    """
    per_video = measured.rows_per_video
    labels = [one.label for one in videos.test for _ in range(per_video)]
    with closing(Gallery(videos, measured, size)) as gallery:
        groups = [
            (group, gallery.shown(group))
            for group in chosen_groups(measured, labels, seed)
            if group.queries
        ]
    easiest, hardest = class_rows(measured, labels)
    return (
        page_environment("eruv.reports")
        .get_template("retrieval.html.j2")
        .render(
            record=record,
            ks=RECALL_AT,
            rows=recall_rows(record),
            groups=groups,
            shown_neighbours=SHOWN_NEIGHBOURS,
            easiest=easiest,
            hardest=hardest,
            num_classes=len(measured.class_recall),
            clips_per_video=CLIPS_PER_VIDEO,
            clip_frames=CLIP_FRAMES,
        )
    )


def recall_rows(record: dict[str, Any]) -> list[RecallRow]:
    """Ours, chance and what is published on the same data set, of the record of a retrieval."""
    rows = [
        RecallRow(record["title"], "ours", list(record["recall"].values())),
        RecallRow("chance", "chance", list(record["chance"].values())),
    ]
    published = record["published"]
    for kind in ("rows", "later") if published else ():
        for method, values in published[kind].items():
            cells: Cells = [value / 100 for value in values]
            cells += [None] * (len(RECALL_AT) - len(cells))
            rows.append(RecallRow(method, "published" if kind == "rows" else "later", cells))
    return rows


def class_rows(
    measured: MeasuredRetrieval, labels: list[str]
) -> tuple[list[ClassRecall], list[ClassRecall]]:
    """The classes that are found best and worst; all in the first list where they are few."""
    rows = sorted(
        (
            ClassRecall(label, recall, labels.count(label))
            for label, recall in measured.class_recall.items()
        ),
        key=lambda row: (-row.recall, row.label),
    )
    if len(rows) <= 2 * SHOWN_CLASSES:
        return rows, []
    return rows[:SHOWN_CLASSES], rows[: -SHOWN_CLASSES - 1 : -1]
