"""Flagged packets: whole ones pass, and what a transport stream has lost is found near the flag."""

from pathlib import Path

import av
import numpy as np
import pytest

from eruv.media.judge import PacketJudge
from eruv.media.video import VideoSource
from films_for_tests import encode, pattern, yuv_frame

CELL = 188
CODECS = {
    "libx264": {"preset": "ultrafast", "bf": "2", "g": "24"},
    "mpeg2video": {"b": "2M", "bf": "2", "g": "12"},
}


def noisy_film(path: Path, codec: str) -> Path:
    """Pictures of many cells each: noise is not predicted."""
    rng = np.random.default_rng(5)
    still = pattern(3, 72, 96).astype(int)
    noise = [rng.integers(-12, 12, still.shape) for _ in range(60)]
    frames = [yuv_frame(np.clip(still + one, 0, 255).astype(np.uint8)) for one in noise]
    return encode(path, frames, codec=codec, options=CODECS[codec])


def cells_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [data[start : start + CELL] for start in range(0, len(data), CELL)]


def packets_of(path: Path) -> dict[int, bytes]:
    with av.open(str(path)) as container:
        return {one.pts or 0: bytes(one) for one in container.demux(video=0) if one.size}


@pytest.mark.parametrize("codec", list(CODECS))
def test_lost_cells_are_found_and_whole_packets_pass(tmp_path: Path, codec: str) -> None:
    whole = noisy_film(tmp_path / "whole.ts", codec)
    cells, truth = cells_of(whole), packets_of(whole)
    found = lost = 0
    for place in np.linspace(len(cells) // 8, len(cells) * 7 // 8, 25).astype(int).tolist():
        path = tmp_path / "cut.ts"
        path.write_bytes(b"".join(cells[:place] + cells[place + 3 :]))
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            judge = PacketJudge(stream.codec_context)
            packets = [packet for packet in container.demux(stream) if packet.size]
            refused = [packet for packet in packets if judge.rejects(packet)]
        lost += packets_of(path) != truth
        found += bool(refused)
        assert len(refused) <= 2
    assert lost >= 20
    assert found >= 0.75 * lost  # a decoder takes some ends for whole


def test_a_hole_of_whole_packets_is_found(tmp_path: Path) -> None:
    path = noisy_film(tmp_path / "film.ts", "mpeg2video")
    cells = cells_of(path)
    begins = [n for n, cell in enumerate(cells) if cell[1] & 0x40 and cell[1:3] == b"\x41\x00"]
    del cells[begins[15] : begins[18]]  # from the first cell of one packet to that of another
    path.write_bytes(b"".join(cells))
    with VideoSource(path) as source:
        frames = list(source.frames())
    assert source.damage.failed_packets == 1
    assert [frame.after_gap for frame in frames].count(True) == 1
    assert source.damage.lost_s > 0
