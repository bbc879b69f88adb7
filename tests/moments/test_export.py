"""Moments as files: what other programs read is where the moments are, to the frame.

Covers also: films, edl, timeline, sheet, cutting.
"""

import csv
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

import eruv
from eruv.library.catalogue import Library
from eruv.media.video import VideoSource
from eruv.moments.cutting import cut_moments
from eruv.moments.edl import moments_edl, reels
from eruv.moments.export import MomentOutputs, export_moments
from eruv.moments.films import MomentFilm, films_of_moments
from eruv.moments.merging import Moment, moment_of_seconds
from eruv.utils.errors import EruvError


def film(name: str, rate: Fraction, timecode: str | None = None) -> MomentFilm:
    return MomentFilm(Path(f"/films/{name}"), name, rate, 2000, 0.0, 80.0, 96, 72, timecode)


def moment(name: str, start: int, end: int, rate: float) -> Moment:
    seconds = (start / rate, end / rate)
    return Moment(f"/films/{name}", name, 0, start, end, *seconds, 0.9, False, seconds[0])


def some_moments(library: Library) -> list[Moment]:
    """One of each of three videos, the best not the first in its film."""
    found = []
    for video_id in library.video_ids()[:3]:
        row = library.rows_of([video_id])[video_id]
        first, last = row["shots_s"][1]
        path = str(library.paths()[video_id][0])
        found.append(moment_of_seconds(row, path, first + 0.2, last - 0.4))
    return found


def test_a_list_of_edits_counts_every_film_on_its_own_reel() -> None:
    films = {
        "a.mp4": film("a.mp4", Fraction(25), "10:00:00:00"),
        "b.mp4": film("b.mp4", Fraction(50)),
    }
    moments = [moment("a.mp4", 50, 100, 25), moment("b.mp4", 100, 150, 50)]
    text = moments_edl([*moments, moments[0]], films, "found")
    events = re.findall(r"^(\d{3})  (\S+) +V +C +(\S+) (\S+) (\S+) (\S+)\r$", text, re.M)
    assert events == [
        ("001", "A", "10:00:02:00", "10:00:04:00", "00:00:00:00", "00:00:02:00"),
        ("002", "B", "00:00:02:00", "00:00:03:00", "00:00:02:00", "00:00:03:00"),
        ("003", "A", "10:00:02:00", "10:00:04:00", "00:00:03:00", "00:00:05:00"),
    ]
    assert text.count("* FROM CLIP NAME: a.mp4") == 2
    assert "* THE FILE HAS 50.000 FRAMES PER SECOND" in text
    assert "* FRAMES 100 TO 150 OF THE FILE" in text


def test_reels_have_eight_letters_and_differ() -> None:
    names = ["holiday-2024.mp4", "holiday2024b.mp4", "ax.mp4", "übung.mp4", "…mp4", "….mov"]
    found = reels([film(name, Fraction(25)) for name in names])
    assert len(set(found.values())) == len(names)
    assert all(re.fullmatch(r"[A-Z0-9]{1,8}", one) for one in found.values())
    assert not {"AX", "BL"} & set(found.values())


def test_all_files_say_the_same(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    library = Library(embedded[0])
    moments = some_moments(library)
    kinds = ("csv", "edl", "otio", "sheet")
    outputs = MomentOutputs(*(tmp_path / f"found.{kind}" for kind in kinds))
    written = export_moments(library, moments, outputs, "a <query>")
    assert set(written.files) == set(kinds)
    rows = list(csv.DictReader((tmp_path / "found.csv").open()))
    assert [(int(row["start"]), int(row["end"])) for row in rows] == [
        (one.start, one.end) for one in moments
    ]
    timeline = otio.adapters.read_from_file(str(tmp_path / "found.otio"))
    for clip, one in zip(timeline.find_clips(), moments, strict=True):
        assert clip.media_reference.target_url == Path(one.path).as_uri()
        assert clip.source_range.start_time.to_seconds() == pytest.approx(one.start_s, abs=0.02)
        assert clip.source_range.duration.value == one.end - one.start
    page = (tmp_path / "found.sheet").read_text()
    assert page.count("<img") == 3 * len(moments)
    assert "a &lt;query&gt;" in page
    assert "http" not in page
    again = export_moments(library, moments[:1], outputs, "another")  # its own files it replaces
    assert again.files == written.files


def test_a_file_of_somebody_else_is_not_replaced(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_text("important")
    query = f"{Library(embedded[0]).video_ids()[0]}@0-1"
    with pytest.raises(EruvError, match=r"mine\.csv exists and was not written by eruv search"):
        eruv.search(embedded[0], query, csv=tmp_path / "mine.csv")
    assert (tmp_path / "mine.csv").read_text() == "important"


def test_cut_moments_show_their_frames_and_stale_ones_go(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    library = Library(embedded[0])
    moments = some_moments(library)
    films = films_of_moments(library, moments)
    (tmp_path / "001-mine.mp4").write_bytes(b"not ours")
    files = cut_moments(moments, films, tmp_path)
    for one, file in zip(moments, files, strict=True):
        assert file.path is not None, file.why
        shown, expected = pixels(file.path), pixels(Path(one.path))[one.start : one.end]
        assert shown.shape == expected.shape
        assert np.abs(shown - expected).mean(axis=(1, 2)).max() < 4
    fewer = cut_moments(moments[:1], films, tmp_path)
    assert set(tmp_path.iterdir()) == {fewer[0].path, tmp_path / "001-mine.mp4"}


def test_audio_goes_with_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / "tone.mp4"
    with av.open(str(path), "w") as writing:
        video = writing.add_stream("libx264", rate=25, options={"g": "25"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = writing.add_stream("aac", rate=48000, layout="mono")
        for number in range(300):
            picture = np.full((48, 64, 3), number % 200, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = number
            writing.mux(video.encode(frame))
        writing.mux(video.encode(None))
        times = np.arange(12 * 48000) / 48000
        tone = np.where(times >= 6, np.sin(2 * np.pi * 440 * times), 0).astype(np.float32)[None]
        for at in range(0, tone.shape[1], 1024):
            chunk = av.AudioFrame.from_ndarray(tone[:, at : at + 1024], "fltp", "mono")
            chunk.sample_rate, chunk.pts = 48000, at
            writing.mux(audio.encode(chunk))
        writing.mux(audio.encode(None))
    one = Moment(str(path), "t", 0, 100, 200, 4.0, 8.0, 1.0, True, 4.0)
    whole = MomentFilm(path, "t", Fraction(25), 300, 0.0, 12.0, 64, 48)
    (file,) = cut_moments([one], {"t": whole}, tmp_path / "cut")
    assert file.path is not None, file.why
    with av.open(str(file.path)) as reading:
        heard = np.concatenate([f.to_ndarray()[0] for f in reading.decode(audio=0)])
    begins = int(np.argmax(np.abs(heard) > 0.2)) / 48000
    assert begins == pytest.approx(2.0, abs=0.05)
    assert len(heard) / 48000 == pytest.approx(4.0, abs=0.05)


def test_a_film_that_is_gone_is_told_and_the_others_are_cut(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    library = Library(embedded[0])
    moments = some_moments(library)
    films = films_of_moments(library, moments)
    gone = moments[0].video_id
    films[gone] = MomentFilm(tmp_path / "gone.mp4", gone, Fraction(25), 100, 0, 4, 96, 72)
    files = cut_moments(moments, films, tmp_path / "cut")
    assert [file.path is None for file in files] == [True, False, False]
    assert "No such file" in files[0].why


def pixels(path: Path) -> np.ndarray:
    with VideoSource(path) as source:
        return np.array([f.picture.to_ndarray(format="gray") for f in source.frames()], np.int16)
