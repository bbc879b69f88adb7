"""`eruv.search`: the moments of a library that are most like a query."""

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eruv.evaluation.feature_file import Features
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder, load
from eruv.models.saving import weights_digest
from eruv.moments.merging import Moment, fold, merge, moment_of, write_csv
from eruv.moments.query import Query, Stretch, read_query
from eruv.moments.table import VectorTable
from eruv.training.device import choose_device
from eruv.utils.console import warn
from eruv.utils.errors import EruvError
from eruv.utils.results import Result

# Windows asked for, for each moment wanted: several become one moment.
WINDOWS_EACH, FEWEST_WINDOWS = 8, 64
MORE = 4  # times as many, where they give too few moments
# Of similarity, within which windows that touch belong to one moment.
HARDLY_LESS = 0.02
# Cosine of looks from which on two windows show the same footage.
SAME_LOOK = 0.98


@dataclass(frozen=True)
class SearchResult(Result):
    """What was found.

    Attributes:
        query: as it was asked.
        run: folder of the encoder.
        windows: in the table that was searched.
        moments: best first.
        csv: the file that they were written to, if any.
    """

    query: str
    run: str
    windows: int
    moments: list[Moment]
    csv: Path | None = None


@dataclass(frozen=True)
class Filters:
    """Which moments count.

    Attributes:
        other_videos: not those of the query's own video.
        paths: pattern of the path, as in a shell.
        from_s, to_s: seconds of the video that a moment lies between.
    """

    other_videos: bool = False
    paths: str | None = None
    from_s: float | None = None
    to_s: float | None = None

    def __post_init__(self) -> None:
        first = 0.0 if self.from_s is None else self.from_s
        last = float(10**12) if self.to_s is None else self.to_s
        if not -(10**12) < first < last <= 10**12:
            raise EruvError(
                f"`from_s` and `to_s` are seconds, the first before the last; got {self.from_s} "
                f"and {self.to_s}."
            )

    def where(self, own: str, paths: dict[str, list[Path]]) -> str:
        """An SQL condition; ids are hexadecimal digests, so safe in it.

        Args:
            own: id of the query's video; empty if the library lacks it.
            paths: of the library's videos.
        """
        parts = [f"video_id != '{own}'"] if self.other_videos and own else []
        if self.paths is not None:
            pattern = self.paths
            fitting = sorted(
                video_id
                for video_id, files in paths.items()
                if any(fnmatch.fnmatch(str(file), pattern) for file in files)
            )
            if not fitting:
                raise EruvError(
                    f"no video of the library has a path like {pattern}. * stands for anything, "
                    f"folders too: for example */holiday/*"
                )
            parts.append(f"video_id IN ({', '.join(repr(one) for one in fitting)})")
        if self.from_s is not None:
            parts.append(f"start_s >= {float(self.from_s)!r}")
        if self.to_s is not None:
            parts.append(f"end_s <= {float(self.to_s)!r}")
        return " AND ".join(parts)


def search(
    library: Path | str,
    query: str,
    *,
    run: Path | str | None = None,
    k: int = 20,
    other_videos: bool = False,
    paths: str | None = None,
    from_s: float | None = None,
    to_s: float | None = None,
    duplicates: bool = False,
    csv: Path | str | None = None,
    device: str = "auto",
) -> SearchResult:
    """Find the moments of a library that are most like a stretch of a video.

    The comparison is exact: by cosine with every window, of the window of the query that fits
    best. Windows of one shot that touch become one moment; moments that look nearly the same are
    folded into the best of them.

    Args:
        library: folder with vectors, made by `embed`.
        query: FILE@12.5-15.0, FILE@1:02 (two seconds) or FILE; or the id of a video of the
            library in place of FILE.
        run: folder of the encoder; None takes the one that embedded last.
        k: moments at most.
        other_videos: leave out the query's own video.
        paths: only videos whose path fits this pattern, for example "*/holiday/*".
        from_s: only moments from this second of their video on.
        to_s: only moments up to this second of their video.
        duplicates: list moments that look nearly the same one by one.
        csv: file to write the moments to as well.
        device: auto, cpu or cuda.

    Raises:
        EruvError: if there are no vectors, or the query gives no clip.
    """
    if k < 1:
        raise EruvError(f"`k` is at least 1; got {k}.")
    filters = Filters(other_videos, paths, from_s, to_s)
    opened = Library(Path(library))
    table = VectorTable.of_library(opened, run)
    encoder = encoder_of(table, run).to(choose_device(device))
    asked, names = read_query(Stretch.parse(query), opened, encoder), opened.paths()
    where = filters.where(asked.video_id, names)
    _say_missing(table, names)
    moments = nearest_moments(table, asked, names, where, k, duplicates)
    made_by = table.made_by
    to = None if csv is None else write_csv(moments, Path(csv))
    return SearchResult(query, str(made_by.run_folder(opened)), len(table), moments, to)


def encoder_of(table: VectorTable, run: Path | str | None) -> Encoder:
    """The encoder that made the vectors of a table, from where it is said to be, or was then.

    Raises:
        EruvError: if it is not there, or has changed.
    """
    folder = run if run is not None else table.made_by.run_folder(table.library)
    if not Path(folder).exists():
        raise EruvError(
            f"the encoder that made the vectors was in {folder}, where nothing is now. Say where "
            f"it is, with `run`."
        )
    encoder = load(folder)
    if weights_digest(folder, encoder.input) != table.made_by.weights:
        raise EruvError(
            f"the encoder {folder} has changed since the library was embedded with it. "
            f"Embed again: eruv embed {table.library.folder} --run {folder}"
        )
    return encoder


def _say_missing(table: VectorTable, names: dict[str, list[Path]]) -> None:
    missing = len(names.keys() - table.videos())
    if missing:
        warn(
            f"{missing:,} of {len(names):,} videos have no vectors: ingested later, or without a "
            f"shot that is long enough. Embed again: eruv embed {table.library.folder} --run "
            f"{table.made_by.run_folder(table.library)}"
        )


def nearest_moments(
    table: VectorTable,
    asked: Query,
    names: dict[str, list[Path]],
    where: str,
    k: int,
    duplicates: bool,
) -> list[Moment]:
    """The moments of a table that are most like a query, best first.

    Args:
        table: of vectors by the encoder that made those of the query.
        asked: what is looked for.
        names: of the files of each video that may be found, by id; the first names it.
        where: condition on windows, see `Filters.where`.
        k: at most so many.
        duplicates: list moments that look nearly the same one by one.
    """
    count, total = max(FEWEST_WINDOWS, WINDOWS_EACH * k), len(table)
    while True:
        same = table.nearest(asked.looks, min(count, total), where, "look")
        alike = table.nearest(asked.vectors_QF, min(count, total), where)
        found = [row for row in ranked(same, alike, asked.vectors_QF) if row["video_id"] in names]
        windows = (moment_of(row, str(names[row["video_id"]][0])) for row in found)
        moments = merge(windows, table.made_by.every_s, HARDLY_LESS)
        if moments and not duplicates:
            looks = {(row["video_id"], row["start_s"]): row["look"] for row in found}
            best = np.array([looks[one.video_id, one.best_s] for one in moments], np.float32)
            moments = fold(moments, best, SAME_LOOK)
        if len(moments) >= k or count >= total:
            return moments[:k]
        count *= MORE


def ranked(
    same: Sequence[dict[str, Any]], alike: Sequence[dict[str, Any]], vectors_QF: Features
) -> list[dict[str, Any]]:
    """Windows of the same footage first, then those that are alike, by the encoder's cosine.

    Args:
        same: rows with their cosine of looks as `similarity`; those below `SAME_LOOK` are dropped.
        alike: rows with the encoder's cosine.
        vectors_QF: of the query.
    """
    first = []
    for row in same:
        if row["similarity"] >= SAME_LOOK:
            cosine = float((vectors_QF @ np.array(row["vector"], np.float32)).max())
            first.append(row | {"similarity": cosine, "same_footage": True})
    first.sort(key=lambda row: -row["similarity"])
    known = {(row["video_id"], row["start"]) for row in first}
    rest = [
        row | {"same_footage": False}
        for row in alike
        if (row["video_id"], row["start"]) not in known
    ]
    return [*first, *rest]
