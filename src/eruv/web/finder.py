"""Search for the page: table and encoder are opened once; what the library has is not decoded."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.filters import Filters
from eruv.moments.merging import Moment
from eruv.moments.query import Query, Stretch, query_of_file
from eruv.moments.searcher import Searcher
from eruv.moments.table import VectorTable
from eruv.utils.errors import EruvError
from eruv.web.shelf import Shelf

# Windows of a stretch of the library that are compared; each is a query to the table.
MOST_WINDOWS = 4
# Moments that are perhaps the query itself, and are left out.
OWN = 2
# Searches kept, so that going back costs nothing.
KEPT = 64


@dataclass(frozen=True)
class Question:
    """What is looked for, and where.

    Attributes:
        stretch: of a video of the library, by its id, or of a file; None for words.
        words: that are looked for where there is no stretch.
        filters: which moments count.
        k: moments at most.
    """

    stretch: Stretch | None
    words: str = ""
    filters: Filters = field(default_factory=Filters)
    k: int = 24

    def is_own(self, moment: Moment) -> bool:
        """Whether a moment is what is looked for, or a part of it."""
        part = self.stretch
        return (
            part is not None
            and moment.video_id == part.name
            and part.end_s is not None
            and moment.start_s < part.end_s
            and part.start_s < moment.end_s
        )


class Finder:
    """Finds moments of a library that are like others.

    Args:
        library: with vectors; without, `searcher` is None until there are some.
        shelf: its videos by name.
        run: folder of the encoder; None takes the one that embedded last.
        device: auto, cpu or cuda.
    """

    def __init__(
        self, library: Library, shelf: Shelf, run: Path | str | None = None, device: str = "auto"
    ) -> None:
        self.library, self.shelf, self.run, self.device = library, shelf, run, device
        self.encoding, self.opening, self.keeping = (threading.Lock() for _ in range(3))
        self._searcher: Searcher | None = None
        self._kept: OrderedDict[tuple[Any, ...], list[Moment]] = OrderedDict()
        if run is not None:
            self._searcher = Searcher(library.folder, run, device)

    @property
    def searcher(self) -> Searcher | None:
        """What searches; None where the library has no vectors yet."""
        with self.opening:
            if self._searcher is None and EmbeddedBy.all_in(self.library):
                self._searcher = Searcher(self.library.folder, device=self.device)
            return self._searcher

    @property
    def table(self) -> VectorTable | None:
        """The vectors; None where the library has none yet."""
        searcher = self.searcher
        return None if searcher is None else searcher.opened().table

    def find(self, question: Question) -> list[Moment]:
        """Moments, best first; names are those of the shelf.

        Raises:
            EruvError: if there are no vectors, or nothing to compare.
        """
        searcher = self.searcher
        if searcher is None:
            raise EruvError("the library has no vectors yet.")
        shelf, opened = self.shelf.now(), searcher.opened()
        key = (question, opened.table.made_by.key, opened.version, shelf.version)
        with self.keeping:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        query = self._query(question, searcher)
        found = searcher.find(query, question.filters, question.k + OWN, names=shelf.paths)
        others = [one for one in found if not question.is_own(one)][: question.k]
        with self.keeping:
            self._kept[key] = others
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return others

    @property
    def supports_text(self) -> bool:
        """Whether words can be looked for; the encoder is loaded to know it."""
        searcher = self.searcher
        try:
            return searcher is not None and searcher.supports_text
        except EruvError:  # the encoder is gone
            return False

    def encoder(self) -> Encoder:
        """The encoder that made the vectors, if it is one of `eruv`.

        Raises:
            EruvError: if there are no vectors, or it is gone, or of another library.
        """
        searcher = self.searcher
        if searcher is None:
            raise EruvError("the library has no vectors yet.")
        encoder = searcher.encoder()
        if not isinstance(encoder, Encoder):
            raise EruvError(
                f"attention maps exist for eruv's own encoders only, not for {encoder.name}."
            )
        return encoder

    def _query(self, question: Question, searcher: Searcher) -> Query:
        part = question.stretch
        if part is not None and part.name in self.shelf.now().names:
            return searcher.of_stretch(part, MOST_WINDOWS)
        with self.encoding:
            if part is None:
                return searcher.of_text(question.words)
            return query_of_file(part, self.library, searcher.encoder())
