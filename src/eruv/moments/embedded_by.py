"""What a table of vectors was made with: encoder, distance of windows, size of clips."""

import hashlib
import json
from dataclasses import dataclass
from typing import Self

from eruv.library.catalogue import Library
from eruv.library.rows import ENCODERS
from eruv.models.clip_encoder import seen_here
from eruv.utils.atomic import read_record
from eruv.utils.errors import EruvError

# Of the columns; tables of another one are made again.
LAYOUT = 2
DIGEST_LETTERS = 16


@dataclass(frozen=True)
class EmbeddedBy:
    """What a table of vectors was made with; each has a table of its own.

    Attributes:
        weights: digest of the encoder's weights and input.
        run: place of the encoder, seen from the library's folder.
        num_features: length of a vector.
        every_s: seconds from the start of one window to that of the next.
        size: of the clips: height, width and crop.
        layout: of the table.
    """

    weights: str
    run: str
    num_features: int
    every_s: float
    size: tuple[int, int, int]
    layout: int = LAYOUT

    @property
    def key(self) -> str:
        """Name of the table."""
        made_of = json.dumps([self.weights, self.every_s, self.size, self.layout])
        return hashlib.sha256(made_of.encode()).hexdigest()[:DIGEST_LETTERS]

    def encoder_place(self, library: Library) -> str:
        """Where the encoder was when the vectors were made; see `open_encoder`."""
        return seen_here(self.run, library.folder)

    @classmethod
    def choose(cls, library: Library, weights: str | None = None) -> Self:
        """The vectors of an encoder, given the digest of its weights, or the latest ones.

        Raises:
            EruvError: if there are none.
        """
        found = [one for one in cls.all_in(library) if weights in (None, one.weights)]
        if not found:
            raise no_vectors(library, "" if weights is None else " by this encoder")
        return found[-1]

    @classmethod
    def all_in(cls, library: Library) -> list[Self]:
        """Those that a library has, the latest last."""
        paths = sorted(
            (library.folder / ENCODERS).glob("*.json"), key=lambda path: path.stat().st_mtime_ns
        )
        records = [record for path in paths if (record := read_record(path))]
        return [
            cls(**record | {"size": tuple(record["size"])})
            for record in records
            if record.get("layout") == LAYOUT
        ]


def no_vectors(library: Library, by: str = "") -> EruvError:
    """The error where a library has no vectors, or none by an encoder."""
    return EruvError(
        f"the library {library.folder} has no vectors{by}. Make them with: "
        f"eruv embed {library.folder} --run RUN"
    )
