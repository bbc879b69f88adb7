"""The end of a track is read from its header, and whatever is broken there ends nothing."""

import os
import struct
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.media.track_header import track_end_s
from films_for_tests import render_video


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render_video(tmp_path_factory.mktemp("film") / "film.mp4", [(1, 30)])


def track_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return container.streams.video[0].id


def remux(film: Path, path: Path, movflags: str) -> Path:
    with av.open(str(film)) as read, av.open(str(path), "w", options={"movflags": movflags}) as to:
        stream = to.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                to.mux(packet)
    return path


@pytest.mark.parametrize("movflags", ["faststart", "write_colr"])
def test_a_track_ends_where_it_says(tmp_path: Path, film: Path, movflags: str) -> None:
    path = remux(film, tmp_path / "film.mov", movflags)
    assert track_end_s(path, track_of(path)) == pytest.approx(30 / 25)
    assert track_end_s(path, 99) is None


def test_wide_headers_are_read(tmp_path: Path) -> None:
    """Films of months and of fine clocks have 64 bits there."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    movie = box(b"mvhd", b"\x01" + bytes(3 + 16) + struct.pack(">IQ", 90_000, 5) + bytes(80))
    track = box(b"tkhd", b"\x01" + bytes(3 + 16) + struct.pack(">IIQ", 7, 0, 2**33) + bytes(60))
    path = tmp_path / "wide.mp4"
    path.write_bytes(box(b"free", bytes(9)) + box(b"moov", movie + box(b"trak", track)))
    assert track_end_s(path, 7) == pytest.approx(2**33 / 90_000)


def test_fragments_state_no_end(tmp_path: Path, film: Path) -> None:
    path = remux(film, tmp_path / "live.mp4", "frag_keyframe+empty_moov")
    assert track_end_s(path, track_of(path)) is None


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1), noise=st.binary(min_size=1, max_size=40), kept=st.floats(0, 1))
def test_broken_headers_raise_nothing(film: Path, place: float, noise: bytes, kept: float) -> None:
    data = film.read_bytes()
    start = data.index(b"moov") - 8
    at = start + int(place * (len(data) - start))
    path = film.with_name(f"broken-{os.getpid()}.mp4")
    path.write_bytes((data[:at] + noise + data[at + len(noise) :])[: max(start, int(kept * 2e4))])
    end_s = track_end_s(path, 1)
    assert end_s is None or end_s >= 0
