"""What goes wrong when the catalogue is written, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

_BY_LANCE = "lance error"
_FULL = "os error 28"


@contextmanager
def catalogue_errors(folder: Path) -> Iterator[None]:
    """Within its block errors of LanceDB's files are those of a user's disk.

    Args:
        folder: of the library.

    Raises:
        EruvError: where the disk is full or fails.
    """
    try:
        yield
    except RuntimeError as error:
        words = str(error)
        if not words.startswith(_BY_LANCE):
            raise
        what = "its disk is full" if _FULL in words else words.split(", /")[0]
        raise EruvError(
            f"the catalogue of {printable(folder)} cannot be written: {what}. Mend that, and run "
            f"the same command again: it goes on where it stopped."
        ) from error
