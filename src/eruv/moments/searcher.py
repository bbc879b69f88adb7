"""An open library to search in, again and again: vectors, names and encoder are read once."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from eruv.library.catalogue import Library
from eruv.models.clip_encoder import (
    ClipEncoder,
    TextEncoder,
    encoder_digest,
    is_hf,
    open_encoder,
)
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.filters import Filters
from eruv.moments.memory import MOST_IN_MEMORY, MemoryWindows
from eruv.moments.merging import Moment, moment_of_seconds
from eruv.moments.query import MOST_WINDOWS as MOST_OF_QUERY
from eruv.moments.query import (
    Query,
    Stretch,
    query_of_file,
    query_of_library_video,
    query_of_text,
    query_of_windows,
)
from eruv.moments.ranking import Windows, nearest_moments
from eruv.moments.table import VectorTable
from eruv.training.device import choose_device
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import absolute

# Seconds between checks whether the library has changed.
FRESH_S = 0.2
# Windows to find for each moment: several become one moment.
WINDOWS_EACH, FEWEST_WINDOWS = 8, 64
# Times as many, where they give too few moments; beyond the most, few moments are all there are.
MORE, MOST_WINDOWS = 4, 8192


@dataclass(frozen=True)
class Opened:
    """What was read of a library; a later state is another object.

    Attributes:
        table: of the vectors, with `version`, that it had.
        windows: in it.
        names: paths of each video by its id, with `sources`, the version that they are of.
    """

    table: VectorTable
    version: int
    windows: Windows
    names: dict[str, list[Path]]
    sources: int

    @cached_property
    def ids(self) -> dict[Path, str]:
        """The video of each path."""
        return {path: video_id for video_id, paths in self.names.items() for path in paths}

    @cached_property
    def missing(self) -> int:
        """How many videos of the library have segments but no vectors."""
        rows = self.table.library.rows("videos", ["video_id", "num_segments"])
        ids = {row["video_id"] for row in rows if row["num_segments"]}
        return len((self.names.keys() & ids) - self.table.videos())


class Searcher:
    """Searches a library; threads may share it. What is embedded meanwhile is noticed.

    Args:
        library: folder with vectors, made by `embed`.
        run: folder of the encoder; None takes the one that embedded last.
        device: auto, cpu or cuda.

    Attributes:
        library: that is open.

    Raises:
        EruvError: if there is no such library, or it has no vectors.
    """

    def __init__(
        self, library: Path | str, run: Path | str | None = None, device: str = "auto"
    ) -> None:
        self.library, self.run, self.device = Library(Path(library)), run, choose_device(device)
        self._lock = threading.Lock()
        self._encoders: dict[str, ClipEncoder] = {}
        self._opened: Opened | None = None
        self._last_check = 0.0
        self._weights = None if run is None else encoder_digest(run)
        self.opened()

    def __len__(self) -> int:
        """Windows that are searched."""
        return len(self.opened().windows)

    @property
    def made_by(self) -> EmbeddedBy:
        """What the vectors were made with."""
        return self.opened().table.made_by

    @property
    def names(self) -> dict[str, list[Path]]:
        """Paths of the library's videos, by id."""
        return self.opened().names

    def opened(self) -> Opened:
        """The library as it is now; what did not change is not read again."""
        with self._lock:
            before = self._opened
            if before is not None and time.monotonic() < self._last_check + FRESH_S:
                return before
            made_by = EmbeddedBy.choose(self.library, self._weights)
            sources = self.library.tables["sources"]
            sources.checkout_latest()
            self.library.tables["videos"].checkout_latest()
            if before is None or before.table.made_by != made_by:
                table = VectorTable(self.library, made_by)
                self._opened = self._read(table, None)
            else:
                before.table.table.checkout_latest()
                same_windows = before.table.table.version == before.version
                same_names = sources.version == before.sources
                if not (same_windows and same_names):
                    self._opened = self._read(
                        before.table, before.windows if same_windows else None
                    )
            assert self._opened is not None
            self._last_check = time.monotonic()
            return self._opened

    def _read(self, table: VectorTable, windows: Windows | None) -> Opened:
        version = table.table.version
        return Opened(
            table,
            version,
            windows if windows is not None else windows_in(table),
            self.library.paths(),
            self.library.tables["sources"].version,
        )

    def encoder(self) -> ClipEncoder:
        """The encoder that made the vectors.

        Raises:
            EruvError: if it is gone, or was trained further since.
        """
        table = self.opened().table
        with self._lock:
            key = table.made_by.weights
            if key not in self._encoders:
                self._encoders = {key: _encoder_of(table, self.run).ready(self.device)}
            return self._encoders[key]

    def query(self, text: str) -> Query:
        """What is looked for, as people write it: FILE@12.5-15.0, FILE@1:02, FILE, ID@1-2.

        Of a video of the library, its stored vectors are taken where there are some.

        Raises:
            EruvError: if there is no such file or video, or nothing of it in the stretch.
        """
        stretch, opened = Stretch.parse(text), self.opened()
        video_id = stretch.name
        if video_id not in opened.names:
            video_id = opened.ids.get(absolute(stretch.name), "")
        if not video_id:
            return query_of_file(stretch, self.library, self.encoder())
        return self.of_stretch(replace(stretch, name=video_id))

    def of_text(self, text: str) -> Query:
        """What is looked for, as words; the encoder must know them.

        Raises:
            EruvError: if it does not, or there are none.
        """
        return query_of_text(text, self.encoder())

    @property
    def supports_text(self) -> bool:
        """Whether words can be looked for; the encoder is loaded for it."""
        return isinstance(encoder := self.encoder(), TextEncoder) and encoder.supports_text

    def of_stretch(self, stretch: Stretch, most: int = MOST_OF_QUERY) -> Query:
        """What is looked for, as seconds of a library's video, named by its id.

        Args:
            stretch: of the video.
            most: windows of it that are compared, at most.

        Raises:
            EruvError: if there is no such video, or nothing of it in the stretch.
        """
        rows = self.opened().windows.of_video(stretch.name, stretch.start_s, stretch.end_s)
        stored = query_of_windows(rows, stretch, most)
        return stored or query_of_library_video(stretch, self.library, self.encoder())

    def find(
        self,
        query: Query,
        filters: Filters | None = None,
        k: int = 20,
        duplicates: bool = False,
        names: Mapping[str, Sequence[Path]] | None = None,
    ) -> list[Moment]:
        """The moments most like a query, best first; see `eruv.search`.

        Args:
            query: what is looked for.
            filters: which moments count.
            k: moments at most.
            duplicates: list moments that look nearly the same one by one.
            names: of the files of each video that may be found, by id; None takes their paths.

        Raises:
            EruvError: if `k` is below 1, or no video has a path like the pattern.
        """
        if k < 1:
            raise EruvError(f"`k` must be at least 1; got {k}.")
        filters, opened = filters or Filters(), self.opened()
        names = opened.names if names is None else names
        condition = filters.condition(query.video_id, query.shots, names)
        count, total = max(FEWEST_WINDOWS, WINDOWS_EACH * k), min(len(opened.windows), MOST_WINDOWS)
        while True:
            moments = nearest_moments(
                opened.windows,
                query,
                condition,
                names,
                count=min(count, total),
                k=k,
                gap_s=opened.table.made_by.every_s,
                duplicates=duplicates,
                accept=filters.accept,
            )
            if len(moments) >= k or count >= total:
                return moments
            count *= MORE

    def moment(self, video_id: str, start_s: float, end_s: float) -> Moment:
        """Seconds of a library's video as a moment, for example one that a person chose.

        It lies within the shot that its middle is of, as `similarity` 1.

        Raises:
            EruvError: if there is no such video, or the seconds are out of order or beyond it.
        """
        row = self.library.rows_of([video_id]).get(video_id)
        names = self.names.get(video_id)
        if row is None or not names:
            raise EruvError(f"the library {self.library.folder} lacks the video {video_id}.")
        return moment_of_seconds(row, str(names[0]), start_s, end_s)


def windows_in(table: VectorTable) -> Windows:
    """The windows of a table: in memory while they are few."""
    if len(table) > MOST_IN_MEMORY:
        return table
    return MemoryWindows(table.read_all())


def _encoder_of(table: VectorTable, run: Path | str | None) -> ClipEncoder:
    folder = run if run is not None else table.made_by.encoder_place(table.library)
    if not is_hf(folder) and not Path(folder).exists():
        raise EruvError(
            f"the encoder that made the vectors was in {folder}, where nothing is now. Pass where "
            f"it is as `run`."
        )
    encoder = open_encoder(folder)
    if encoder_digest(folder) != table.made_by.weights:
        raise EruvError(
            f"the encoder {folder} has changed since the library was embedded with it. "
            f"Embed again: eruv embed {table.library.folder} --run {folder}"
        )
    return encoder
