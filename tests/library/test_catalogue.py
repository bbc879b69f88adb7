"""The catalogue: a video is in it whole or not at all.

Covers also: catalogue_table.
"""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import lancedb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eruv.detection.segments import Segment
from eruv.library import catalogue_table
from eruv.library.catalogue import Library
from eruv.library.catalogue_table import CatalogueTable
from eruv.library.rows import FileStamp, Source
from eruv.library.video_pass import EditedVideo, EditingSettings
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable
from films_for_tests import SmallLibrary


def edited(video_id: str) -> EditedVideo:
    return EditedVideo(
        video_id=video_id,
        width=96,
        height=72,
        frames_per_second=25.0,
        num_frames=100,
        start_s=0.0,
        end_s=4.0,
        shots=[(0, 40), (40, 100)],
        shots_s=[(0.0, 1.6), (1.6, 4.0)],
        segments=[Segment(1, 40, 100)],
        segments_s=[(1.6, 4.0)],
        packets=100,
        failed_packets=0,
        lost_s=0.0,
        first_failure="",
    )


def source(path: str, video_id: str, reason: str = "") -> Source:
    return Source(Path(path), FileStamp(1, 2, 3), video_id, reason)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open_or_create(tmp_path / "library", EditingSettings())


@pytest.fixture
def copy_of_small(small_library: SmallLibrary, tmp_path: Path) -> Library:
    shutil.copytree(small_library.folder, tmp_path / "copy")
    return Library(tmp_path / "copy")


def test_what_is_committed_is_read_again(library: Library) -> None:
    library.commit([(edited("ab"), source("/v/a.mp4", "ab"))], [source("/v/b.mp4", "ab")])
    again = Library(library.folder)
    assert again.settings == EditingSettings()
    assert again.video_ids() == ["ab"]
    assert again.videos()[0]["shots"] == [[0, 40], [40, 100]]
    assert again.segments().to_pylist() == [
        {"video_id": "ab", "shot": 1, "start": 40, "end": 100, "start_s": 1.6, "end_s": 4.0}
    ]
    assert again.paths() == {"ab": [Path("/v/a.mp4"), Path("/v/b.mp4")]}


@given(rows=st.integers(0, 30), most=st.integers(1, 12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_table_in_pieces_is_the_table(tmp_path: Path, rows: int, most: int) -> None:
    database = lancedb.connect(tmp_path)
    content = pa.table({"number": range(rows), "other": [0] * rows})
    table = database.create_table("numbers", content, mode="overwrite")
    parts = list(CatalogueTable(table, tmp_path, "numbers").batches(["number"], most))
    assert [one for part in parts for one in part["number"].to_pylist()] == list(range(rows))
    assert all(part.num_rows <= most and part.column_names == ["number"] for part in parts)


def test_the_last_word_on_a_path_counts(library: Library) -> None:
    library.commit([], [source("/v/a.mp4", "ab", "broken")])
    assert library.sources()[Path("/v/a.mp4")].quarantined
    assert library.paths() == {}
    library.commit([], [source("/v/a.mp4", "cd")])
    library.compact()
    assert not library.sources()[Path("/v/a.mp4")].quarantined
    assert library.paths() == {"cd": [Path("/v/a.mp4")]}


def test_segments_without_their_videos_row_do_not_count(library: Library) -> None:
    library.commit([(edited("ab"), source("/v/a.mp4", "ab"))], [])
    orphan = library.tables["segments"].to_arrow().to_pylist()[0] | {"video_id": "cd"}
    library.tables["segments"].add([orphan])
    assert library.column("segments", "video_id") == ["ab", "cd"]
    assert library.segments()["video_id"].to_pylist() == ["ab"]


def test_a_sweep_takes_orphans_and_unfinished_proxies_and_nothing_else(
    copy_of_small: Library,
) -> None:
    library = copy_of_small
    orphan = library.tables["segments"].to_arrow().to_pylist()[0]
    library.tables["segments"].add([orphan | {"video_id": name} for name in ("aa", "bb", "bb")])
    proxies = sorted(path for path in (library.folder / "proxies").glob("*/*"))
    partial = proxies[0].with_name(f"{proxies[0].name}.123.part")
    partial.touch()
    segments = library.segments().to_pylist()
    assert library.sweep() == 2
    assert library.tables["segments"].to_arrow().to_pylist() == segments
    assert sorted((library.folder / "proxies").glob("*/*")) == proxies
    assert library.sweep() == 0


def test_compacting_keeps_the_content_and_drops_old_versions(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        video_id = f"{number:02x}"
        library.commit([(edited(video_id), source(f"/v/{number}", video_id))], [])
    reader = Library(library.folder)
    before = [table.to_arrow().to_pylist() for table in library.tables.values()]
    files = sum(len(names) for _, _, names in os.walk(library.folder))
    library.compact()
    assert [table.to_arrow().to_pylist() for table in reader.tables.values()] == before
    monkeypatch.setattr(catalogue_table, "KEPT_VERSIONS", timedelta(microseconds=1))
    library.compact()
    assert sum(len(names) for _, _, names in os.walk(library.folder)) < files / 4
    after = Library(library.folder)
    assert [table.to_arrow().to_pylist() for table in after.tables.values()] == before


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        with pytest.raises(EruvError, match=r"is not a library: it has no library\.json.*ingest"):
            Library(folder)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[]", "\0\0", "null", '{"layout": 3}'])
def test_a_damaged_library_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "library.json").write_text(text)
    with pytest.raises(EruvError, match=r"library\.json is damaged"):
        Library(tmp_path)


def test_another_layout_is_refused(library: Library) -> None:
    path = library.folder / "library.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"layout": 99}))
    with pytest.raises(EruvError, match="has layout 99; this version of eruv reads layout 3"):
        Library(library.folder)


def test_a_relative_folder_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    library = Library.open_or_create(Path("library"), EditingSettings())
    monkeypatch.chdir("/")
    library.commit([(edited("ab"), source("/v/a.mp4", "ab"))], [])
    assert Library(tmp_path / "library").video_ids() == ["ab"]
    assert library.proxy_path("abcd") == tmp_path / "library/proxies/ab/abcd.mp4"


@pytest.mark.parametrize(
    "name", [b"plain", b"\xff\xfe", "ü 東".encode(), b"a'; DROP\n", b"\x1b[2J"]
)
def test_any_path_is_kept_byte_for_byte_and_printed_on_one_line(
    library: Library, name: bytes
) -> None:
    path = Path(os.fsdecode(b"/v/" + name))
    library.commit([], [Source(path, FileStamp(1, 2, 3), "ab")])
    assert Library(library.folder).paths() == {"ab": [path]}
    text = printable(path)
    assert text.encode().decode().isprintable()


def test_a_stamp_tells_a_changed_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one")
    stamp = FileStamp.of(path)
    assert FileStamp.of(path) == stamp
    path.write_text("three")
    assert FileStamp.of(path) != stamp
