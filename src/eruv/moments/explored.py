"""What a library holds: clusters, a map, outliers, duplicates, still or black moments."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eruv.evaluation.feature_file import Features
from eruv.evaluation.projection import project
from eruv.library.catalogue import Library
from eruv.moments.embedded_by import no_vectors
from eruv.moments.merging import Moment
from eruv.moments.sample import WindowSample
from eruv.moments.structure import (
    Numbers,
    black_windows,
    clusters_of,
    condensed,
    representatives,
    runs,
    same_groups,
    still_windows,
    strangeness,
)
from eruv.moments.table import VectorTable
from eruv.utils.console import Progress
from eruv.utils.results import Result

SHOWN = 12  # representatives, outliers, groups, runs


@dataclass(frozen=True)
class MapPoint(Result):
    """A window on the map.

    Attributes:
        video_id: of the library.
        shot: from 0.
        start_s, end_s: seconds of the video.
        x, y: from 0 to 1.
        cluster: its number.
    """

    video_id: str
    shot: int
    start_s: float
    end_s: float
    x: float
    y: float
    cluster: int


@dataclass(frozen=True)
class Cluster(Result):
    """Windows that are alike.

    Attributes:
        number: from 0, the largest first.
        windows, videos: how many.
        share: of all windows.
        moments: that stand for it, the most usual first, of different shots.
    """

    number: int
    windows: int
    videos: int
    share: float
    moments: list[Moment]


@dataclass(frozen=True)
class ExploreResult(Result):
    """What a library holds.

    Attributes:
        library: folder.
        run: folder of the encoder.
        windows: in the table.
        looked_at: windows that everything here is about; fewer where the library is large.
        method, axes: of the map.
        points: the map.
        clusters: the largest first.
        outliers: moments unlike all other shots, the strangest first.
        duplicates: groups of moments of different shots that are nearly the same.
        still: moments without motion, the longest first.
        black: dark and even moments, the longest first.
        html: the page, if one was written.
        seconds: of this call.
    """

    library: str
    run: str
    windows: int
    looked_at: int
    method: str
    axes: tuple[str, str]
    points: list[MapPoint]
    clusters: list[Cluster]
    outliers: list[Moment]
    duplicates: list[list[Moment]]
    still: list[Moment]
    black: list[Moment]
    html: Path | None = None
    seconds: float = 0.0


def explored(
    library: Library,
    table: VectorTable,
    *,
    clusters: int | None,
    method: str,
    most: int,
    seed: int,
) -> ExploreResult:
    """What a library holds, by a table of its vectors; see `eruv.explore`.

    Raises:
        EruvError: if there are too few windows, or the extra of the method is missing.
    """
    with Progress("explore", 5) as progress:
        progress.update(0, "reading the vectors")
        sample = WindowSample.of(table, library.paths(), most, seed)
        if not len(sample):
            raise no_vectors(library)
        progress.update(1, f"the map of {len(sample):,} windows")
        projection = project(sample.vectors_NF, method, seed)
        points = condensed(sample.vectors_NF)
        progress.update(2, "clusters")
        labels = clusters_of(points, clusters, seed)
        progress.update(3, "outliers")
        outliers = _outliers(sample, strangeness(sample, points))
        progress.update(4, "near-duplicates")
        duplicates = [
            [sample.moment(window) for window in group[:SHOWN]] for group in same_groups(sample)
        ]
        progress.update(5, "done")
    still, black = (
        [sample.span(*run) for run in runs(sample, chosen)[:SHOWN]]
        for chosen in (still_windows(sample), black_windows(sample))
    )
    return ExploreResult(
        library=str(library.folder),
        run=table.made_by.encoder_place(library),
        windows=len(table),
        looked_at=len(sample),
        method=method,
        axes=projection.axes,
        points=_points(sample, projection.points, labels),
        clusters=_clusters(sample, points, labels),
        outliers=outliers,
        duplicates=duplicates[:SHOWN],
        still=still,
        black=black,
    )


def _points(
    sample: WindowSample, places_N2: NDArray[np.float64], labels: Numbers
) -> list[MapPoint]:
    low, high = places_N2.min(axis=0), places_N2.max(axis=0)
    scaled = (places_N2 - low) / np.maximum(high - low, np.finfo(np.float64).tiny)
    shots, starts, ends = (sample.places[name].tolist() for name in ("shot", "start_s", "end_s"))
    return [
        MapPoint(
            video_id,
            shots[window],
            starts[window],
            ends[window],
            round(float(scaled[window, 0]), 4),
            round(float(scaled[window, 1]), 4),
            int(labels[window]),
        )
        for window, video_id in enumerate(sample.video_ids)
    ]


def _clusters(sample: WindowSample, points_NF: Features, labels: Numbers) -> list[Cluster]:
    found = []
    for number, windows in enumerate(representatives(sample, points_NF, labels, SHOWN)):
        members = np.flatnonzero(labels == number)
        videos = {sample.video_ids[window] for window in members}
        moments = [sample.moment(int(window)) for window in windows]
        share = len(members) / len(sample)
        found.append(Cluster(number, len(members), len(videos), share, moments))
    return found


def _outliers(sample: WindowSample, strange: NDArray[np.float32]) -> list[Moment]:
    """The strangest window of each of the strangest shots."""
    found: dict[int, Moment] = {}
    for window in np.argsort(-strange, kind="stable"):
        if len(found) == SHOWN or strange[window] <= 0:
            break
        found.setdefault(int(sample.shots[window]), sample.moment(int(window)))
    return list(found.values())
