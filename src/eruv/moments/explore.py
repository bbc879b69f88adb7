"""`eruv.explore`: what a library holds, at a glance."""

import time
from dataclasses import replace
from pathlib import Path

from eruv.detection.export.own_files import has_mark, make_folder, refuse_foreign
from eruv.evaluation.projection import FEWEST_SAMPLES
from eruv.library.catalogue import Library
from eruv.moments.explore_page import MADE_BY, explored_page
from eruv.moments.explored import ExploreResult, explored
from eruv.moments.structure import MOST_CLUSTERS
from eruv.moments.table import VectorTable
from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError

MOST_WINDOWS = 10_000
METHODS = ("pca", "umap")


def explore(
    library: Path | str,
    *,
    run: Path | str | None = None,
    clusters: int | None = None,
    method: str = "pca",
    most: int = MOST_WINDOWS,
    seed: int = 0,
    html: Path | str | None = None,
) -> ExploreResult:
    """Look at a library as a whole: clusters, a map, outliers, near-duplicates, stills and black.

    Everything is read from the vectors that `embed` made; of many windows a sample is taken.

    Args:
        library: folder with vectors, made by `embed`.
        run: folder of the encoder; None takes the one that embedded last.
        clusters: how many; None takes what parts the library best, of a few that are tried.
        method: of the map: pca, or umap, which is an extra.
        most: windows that are looked at.
        seed: of the sample, the clusters and umap.
        html: page to write.

    Raises:
        EruvError: if there are no vectors or too few, an argument is not allowed, or a file that
            `eruv explore` did not write is in the way.
    """
    started = time.monotonic()
    _check(clusters, method, most)
    page = None if html is None else Path(html)
    if page is not None:
        make_folder(page.parent)
        refuse_foreign(page, has_mark(page, MADE_BY), "explore")
    opened = Library(Path(library))
    table = VectorTable.of_library(opened, run)
    found = explored(opened, table, clusters=clusters, method=method, most=most, seed=seed)
    if page is not None:
        replace_text(page, explored_page(opened, found))
    return replace(found, html=page, seconds=time.monotonic() - started)


def _check(clusters: int | None, method: str, most: int) -> None:
    if clusters is not None and not 1 <= clusters <= MOST_CLUSTERS:
        raise EruvError(f"`clusters` must be a number from 1 to {MOST_CLUSTERS}; got {clusters}.")
    if method not in METHODS:
        raise EruvError(f"`method` must be one of {', '.join(METHODS)}; got {method}.")
    if most < FEWEST_SAMPLES:
        raise EruvError(f"`most` must be at least {FEWEST_SAMPLES} windows; got {most}.")
