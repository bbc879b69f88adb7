"""A removed video leaves nothing in the library, and its own file alone."""

import shutil
from pathlib import Path

import pytest
from lancedb.table import LanceTable

import eruv
from eruv.library.catalogue import Library
from eruv.library.check import check
from eruv.library.remove import remove
from eruv.library.rows import VECTORS
from eruv.moments.table import VectorTable
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from films_for_tests import SmallLibrary, render_video


@pytest.fixture
def library(small_library: SmallLibrary, tmp_path: Path) -> Library:
    shutil.copytree(small_library.folder, tmp_path / "library")
    return Library(tmp_path / "library")


def test_nothing_of_it_is_left_but_its_file(library: Library, small_library: SmallLibrary) -> None:
    film = small_library.truth[1].path
    (gone,) = [one for one, paths in library.paths().items() if film in paths]
    done = eruv.remove(library.folder, film)
    assert (done.removed, done.videos) == ([str(film)], 4)
    assert film.exists()
    again = Library(library.folder)
    assert gone not in again.video_ids()
    assert gone not in again.segments()["video_id"].to_pylist()
    assert film not in again.sources()
    assert not again.proxy_path(gone).exists()
    found = check(library.folder)
    assert (found.failed, found.orphans) == ([], 0)


def test_a_removed_file_comes_back_with_the_next_ingest(library: Library) -> None:
    before = sorted(library.video_ids())
    film = library.paths()[before[0]][0]
    remove(library.folder, before[0])
    assert eruv.ingest([film], library.folder, workers=1).new_videos == 1
    assert sorted(Library(library.folder).video_ids()) == before


def test_a_folder_means_all_of_its_files(library: Library, small_library: SmallLibrary) -> None:
    done = remove(library.folder, small_library.truth[0].path.parent)
    assert (len(done.removed), done.videos) == (5, 0)


def test_vectors_go_with_their_video(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(embedded[0], tmp_path / "library")
    library = Library(tmp_path / "library")
    first = library.video_ids()[0]
    assert first in VectorTable(library, _made_by(library)).videos()
    remove(library.folder, [first])
    again = Library(library.folder)
    assert VectorTable(again, _made_by(again)).videos() == set(again.video_ids()) - {first}


def test_vectors_that_cannot_be_forgotten_are_not_passed_over(
    embedded: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(embedded[0], tmp_path / "library")
    library = Library(tmp_path / "library")
    delete = LanceTable.delete

    def failing(table: LanceTable, condition: str):
        if table.name.startswith(VECTORS):
            raise ValueError("not forgotten")
        return delete(table, condition)

    monkeypatch.setattr(LanceTable, "delete", failing)
    with pytest.raises(EruvError, match=r"the table vectors_\w+ in .* is damaged: not forgotten"):
        remove(library.folder, library.video_ids()[0])


def _made_by(library: Library):
    from eruv.moments.embedded_by import EmbeddedBy

    return EmbeddedBy.all_in(library)[-1]


def test_a_file_that_was_replaced_is_removed_with_what_it_was_before(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 60)])
    eruv.ingest([path], tmp_path / "library", workers=1)
    render_video(path, [(2, 60)])
    eruv.ingest([path], tmp_path / "library", workers=1)
    assert len(Library(tmp_path / "library").video_ids()) == 2
    remove(tmp_path / "library", path)
    library = Library(tmp_path / "library")
    assert (library.video_ids(), library.paths()) == ([], {})


def test_a_removal_that_was_killed_is_finished_when_it_is_made_again(library: Library) -> None:
    first = library.video_ids()[0]
    (film,) = library.paths()[first]
    library.tables["videos"].delete(f"video_id = '{first}'")  # as far as it had come
    remove(library.folder, film)
    again = Library(library.folder)
    assert first not in again.paths()
    assert check(library.folder).orphans == 0
    assert not again.proxy_path(first).exists()


def test_nothing_is_removed_while_a_library_is_embedded(library: Library) -> None:
    (library.folder / "encoders").mkdir()
    with folder_lock(library.folder / "encoders"), pytest.raises(EruvError, match="another eruv"):
        remove(library.folder, library.video_ids()[0])
    assert len(Library(library.folder).video_ids()) == 5


def test_an_unknown_video_is_named_and_nothing_is_removed(library: Library) -> None:
    first = library.video_ids()[0]
    with pytest.raises(EruvError, match="no video nowhere"):
        remove(library.folder, [first, "nowhere.mp4"])
    assert len(Library(library.folder).video_ids()) == 5
