"""Full disks and damaged tables are explained in a sentence."""

import shutil
from pathlib import Path

import pytest

import eruv
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.table_errors import read_errors, write_errors
from eruv.moments.table import VectorTable
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary, render_video

# As LanceDB 0.40 words it.
FULL = "lance error: LanceError(IO): No space left on device (os error 28), /src/a.rs:258:9"
DENIED = "lance error: LanceError(IO): Permission denied (os error 13), /src/a.rs:258:9"


def test_errors_of_the_catalogue_have_words_and_others_stay(tmp_path: Path) -> None:
    for words, part in (
        (FULL, "its disk is full. Fix that, and run the same command again"),
        ("lance error: LanceError(IO): broken, /src/a.rs:1:2", r"LanceError\(IO\): broken\. Fix"),
    ):
        with pytest.raises(EruvError, match=part), write_errors(tmp_path):
            raise RuntimeError(words)
    with pytest.raises(RuntimeError, match="CUDA"), write_errors(tmp_path):
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


def test_a_damaged_table_is_told_with_the_way_out(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    for name, part in (("segments", "_versions"), ("videos", "data"), ("sources", "data")):
        folder = tmp_path / name
        shutil.copytree(small_library.folder, folder)
        for file in (folder / "catalogue" / f"{name}.lance" / part).iterdir():
            file.write_bytes(b"\7" * file.stat().st_size)
        damaged = rf"the table {name} in .* is damaged: .*\. Put the folder back from a copy"
        with pytest.raises(EruvError, match=damaged):
            Library(folder).paths() if name == "sources" else Library(folder).segments()


def test_a_table_of_vectors_is_made_again(
    small_library: SmallLibrary, embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, film = tmp_path / "library", small_library.truth[0].path
    shutil.copytree(embedded[0], folder)
    name = VectorTable.of_library(Library(folder)).table.name
    table = folder / "catalogue" / f"{name}.lance"
    for file in (table / "data").iterdir():
        file.write_bytes(b"\7" * file.stat().st_size)
    with pytest.raises(EruvError, match=rf"is damaged.* Remove .*{table.name}, and make") as told:
        eruv.search(folder, f"{film}@1-2", device="cpu")
    assert str(table) in str(told.value)
    shutil.rmtree(table)
    assert eruv.embed(folder, run=embedded[1], every_s=0.4, device="cpu").new_windows > 0
    assert eruv.search(folder, f"{film}@1-2", device="cpu").moments


def test_a_manifest_that_makes_lance_panic_is_told(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    folder = tmp_path / "library"
    shutil.copytree(small_library.folder, folder)
    for manifest in (folder / "catalogue" / "videos.lance" / "_versions").glob("*.manifest"):
        content = bytearray(manifest.read_bytes())
        content[-16:-8] = (1 << 21).to_bytes(8, "little")  # where it says that its body begins
        manifest.write_bytes(content)
    with pytest.raises(EruvError, match=r"the table videos in .* is damaged"):
        Library(folder)


def test_a_disk_that_fails_while_a_table_is_read_is_no_damage(tmp_path: Path) -> None:
    for kind, part, words in (
        (EruvError, r"the table videos in .* cannot be read: .*denied", DENIED),
        (RuntimeError, "CUDA", "CUDA"),
    ):
        with pytest.raises(kind, match=part), read_errors(tmp_path, "videos"):
            raise RuntimeError(words)
