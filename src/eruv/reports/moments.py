"""The library as the encoder of a run sees it: a map, clusters, and neighbours of moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eruv.evaluation.projection import FEWEST_SAMPLES
from eruv.library.catalogue import Library
from eruv.models.saving import weights_digest
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.explore_page import KeyPicture, map_and_clusters, shown
from eruv.moments.explored import Cluster, explored
from eruv.moments.filters import Filters
from eruv.moments.query import Stretch
from eruv.moments.searcher import Searcher
from eruv.moments.table import VectorTable
from eruv.reports.results import Results

MOST_WINDOWS = 4000
QUERIES, NEIGHBOURS = 4, 5


@dataclass(frozen=True)
class MomentNeighbours:
    """A moment, and those of other videos that are most like it."""

    query: KeyPicture
    found: list[KeyPicture]


def moments_section(results: Results, library: Library) -> dict[str, Any]:
    """What the templates of the section need; `found` is None without vectors of this encoder."""
    table = _table(results, library)
    if table is None or len(table) < FEWEST_SAMPLES:
        return {"found": None}
    found = explored(library, table, clusters=None, method="pca", most=MOST_WINDOWS, seed=0)
    return {
        "found": found,
        "neighbours": _neighbours(library, results, found.clusters),
        **map_and_clusters(library, found),
    }


def _table(results: Results, library: Library) -> VectorTable | None:
    folder = results.folder.folder
    if results.best is None:
        return None
    weights = weights_digest(folder, results.config.input)
    made = [one for one in EmbeddedBy.all_in(library) if one.weights == weights]
    return VectorTable(library, made[-1]) if made else None


def _neighbours(
    library: Library, results: Results, clusters: Sequence[Cluster]
) -> list[MomentNeighbours]:
    """Neighbours of the most typical moment of each of the largest clusters."""
    searcher = Searcher(library.folder, results.folder.folder, "cpu")
    groups = []
    for cluster in clusters[:QUERIES]:
        one = cluster.moments[0]
        target = searcher.of_stretch(Stretch(one.video_id, one.start_s, one.end_s))
        near = searcher.find(target, Filters(other_videos=True), NEIGHBOURS)
        query, *others = shown(library, [one, *near])
        groups.append(MomentNeighbours(query, others))
    return groups
