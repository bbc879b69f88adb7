"""A disk that is full while the catalogue is written is told in a sentence."""

import shutil
from pathlib import Path

import pytest

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.writing import catalogue_errors
from eruv.utils.errors import EruvError
from films_for_tests import render_video

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


def test_shells_of_tables_from_a_full_disk_are_filled_and_lost_rows_are_told(
    tmp_path: Path,
) -> None:
    film, folder = render_video(tmp_path / "film.mp4", [(1, 50)]), tmp_path / "library"
    for name in ("videos", "segments", "sources", "proxies"):
        (folder / "catalogue" / f"{name}.lance" / "_versions").mkdir(parents=True)
    assert ingest(film, folder, workers=1).segments == 1
    assert len(Library(folder).videos()) == 1
    shutil.rmtree(folder / "catalogue" / "videos.lance" / "_versions")
    with pytest.raises(EruvError, match=r"the table videos in .* is damaged"):
        Library(folder)
