"""A disk that is full while the catalogue is written is told in a sentence."""

from pathlib import Path

import pytest

from eruv.library.writing import catalogue_errors
from eruv.utils.errors import EruvError

# As LanceDB 0.40 words it.
FULL = "lance error: LanceError(IO): No space left on device (os error 28), /src/a.rs:258:9"


def test_errors_of_the_catalogue_have_words_and_others_stay(tmp_path: Path) -> None:
    for words, part in (
        (FULL, "its disk is full. Mend that, and run the same command again"),
        ("lance error: LanceError(IO): broken, /src/a.rs:1:2", r"LanceError\(IO\): broken\. Mend"),
    ):
        with pytest.raises(EruvError, match=part), catalogue_errors(tmp_path):
            raise RuntimeError(words)
    with pytest.raises(RuntimeError, match="CUDA"), catalogue_errors(tmp_path):
        raise RuntimeError("CUDA")
