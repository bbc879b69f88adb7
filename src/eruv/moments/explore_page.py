"""The page of `eruv explore`: a map, clusters, outliers, duplicates, still or black moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.detection.export.pictures import middle_frame
from eruv.detection.export.timecode import written_time
from eruv.library.catalogue import Library
from eruv.moments.explored import ExploreResult
from eruv.moments.merging import Moment
from eruv.moments.sheet import key_pictures
from eruv.utils.html import page_environment
from eruv.utils.paths import printable

MADE_BY = '<meta name="generator" content="eruv explore">'
# Colours of clusters that most eyes tell apart on light and on dark; then they begin again.
COLOURS = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#e08214", "#7a7fd6",
    "#44aa99", "#999933", "#cc6677", "#888888",
)  # fmt: skip
MAP_WIDTH, MAP_HEIGHT, MARGIN = 1000, 560, 12
# Points drawn: more cover one another.
MOST_POINTS = 4000
PICTURES_OF_CLUSTER, PICTURES_OF_GROUP = 6, 6


@dataclass(frozen=True)
class KeyPicture:
    """A moment with the picture of its middle; none where its proxy cannot be read."""

    name: str
    moment: Moment
    uri: str


def explored_page(library: Library, found: ExploreResult) -> str:
    """The page as text."""
    environment = page_environment("eruv.moments")
    environment.filters["written_time"] = written_time
    return environment.get_template("explore.html.j2").render(
        made_by=MADE_BY,
        name=printable(Path(Path(found.library).absolute().name)),
        found=found,
        **map_and_clusters(library, found),
        outliers=shown(library, found.outliers),
        groups=[shown(library, group[:PICTURES_OF_GROUP]) for group in found.duplicates],
        still=shown(library, found.still),
        black=shown(library, found.black),
    )


def map_and_clusters(library: Library, found: ExploreResult) -> dict[str, Any]:
    """What the fragments of map and clusters need; other pages show them, too."""
    step = max(1, -(-len(found.points) // MOST_POINTS))
    return {
        "width": MAP_WIDTH,
        "height": MAP_HEIGHT,
        "colours": COLOURS,
        "dots": [_dots(found, number, step) for number in range(len(found.clusters))],
        "clusters": [
            (cluster, shown(library, cluster.moments[:PICTURES_OF_CLUSTER]))
            for cluster in found.clusters
        ],
    }


def shown(library: Library, moments: Sequence[Moment]) -> list[KeyPicture]:
    """Moments with their pictures."""
    rows = library.rows_of(sorted({one.video_id for one in moments}))
    cards = []
    for one in moments:
        row = rows[one.video_id]
        frames = [middle_frame(one.start, one.end)]
        pictures = key_pictures(library, one.video_id, frames, (row["width"], row["height"]))
        uri = pictures[0][1] if pictures else ""
        cards.append(KeyPicture(printable(Path(Path(one.path).name)), one, uri))
    return cards


def _dots(found: ExploreResult, number: int, step: int) -> str:
    """An SVG path of points: lines of no length, which round ends make discs."""
    wide, high = MAP_WIDTH - 2 * MARGIN, MAP_HEIGHT - 2 * MARGIN
    return "".join(
        f"M{MARGIN + wide * one.x:.1f} {MARGIN + high * (1 - one.y):.1f}h0"
        for one in found.points[::step]
        if one.cluster == number
    )
