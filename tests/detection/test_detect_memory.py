"""Memory does not grow with the length of a film."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from eruv.detection.detectors import DetectorChoice
from films_for_tests import pattern, render_video

SCRIPT = """
import sys
from eruv.library.ingest import ingest
*films, library, workers = sys.argv[1:]
print(ingest(films, library, workers=int(workers)).frames)
"""
MEGABYTE = 1 << 20


def repeated(path: Path, pattern: Path, times: int) -> Path:
    """A film that shows another one many times: its packets again, without encoding."""
    with av.open(str(pattern)) as source, av.open(str(path), "w") as container:
        stream = source.streams.video[0]
        copy = container.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.size]
        assert stream.duration is not None
        stamps = [(packet.pts or 0, packet.dts or 0) for packet in packets]
        for turn in range(times):
            for packet, (pts, dts) in zip(packets, stamps, strict=True):
                packet.stream = copy
                packet.time_base = stream.time_base or Fraction(1, 25)
                packet.pts = pts + turn * stream.duration
                packet.dts = dts + turn * stream.duration
                container.mux(packet)
    return path


def peak_of_ingest(films: Sequence[Path], library: Path, workers: int) -> tuple[float, int]:
    """Peak PSS in MB of the whole tree of processes, and the frames it ingested."""
    command = [sys.executable, "-c", SCRIPT, *map(str, films), str(library), str(workers)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    peaks = [0.0]

    def watch() -> None:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.Error):
                tree = [root, *root.children(recursive=True)]
                peaks.append(sum(one.memory_full_info().pss for one in tree) / MEGABYTE)
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    printed, _ = process.communicate()
    watcher.join()
    assert process.returncode == 0
    return max(peaks), int(printed)


def test_a_film_four_times_as_long_needs_no_more_memory(tmp_path: Path) -> None:
    """Four and sixteen minutes at ten frames a second."""
    options = {"preset": "ultrafast", "g": "50"}
    shots = [(seed, 100) for seed in range(6)]
    minute = render_video(tmp_path / "minute.mp4", shots, rate=10, options=options)
    peaks = []
    for minutes in (4, 16):
        film = repeated(tmp_path / f"{minutes}.mp4", minute, minutes)
        peak, frames = peak_of_ingest([film], tmp_path / f"library{minutes}", workers=1)
        assert frames == 600 * minutes
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 25  # 7,200 frames more; noise was seen up to 20 MB
    assert max(peaks) < 600


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hours_of_pictures_need_as_much_as_ten_minutes() -> None:
    """The default detector keeps 29 bytes a frame, 5 MB of 180,000, and what may still matter."""
    detector, process = DetectorChoice("learned").make(), psutil.Process()
    colour = np.full((48, 64), 128, np.uint8)
    scenes = [pattern(seed, 96, 256) for seed in range(8)]
    sizes = []
    for minutes in (10, 110):
        for frame in range(minutes * 60 * 25):
            shot, moment = divmod(frame, 100)
            luma = np.ascontiguousarray(scenes[shot % 8][:, moment : moment + 128])
            detector.add([luma, colour, colour], frame / 25)
        sizes.append(process.memory_info().rss / MEGABYTE)
    assert sizes[1] - sizes[0] < 15
    assert len(detector.finish().shots) == 1800


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_two_hours_at_720p_need_no_more_than_600_mb(tmp_path: Path) -> None:
    shots = [(seed, 150) for seed in range(4)]
    films = []
    for number in range(2):
        part = render_video(
            tmp_path / f"part{number}.mp4", shots, size=(1280, 720), options={"g": "50", "bf": "2"}
        )
        films.append(repeated(tmp_path / f"film{number}.mp4", part, 300))
        shots.reverse()  # other bytes
    peak, frames = peak_of_ingest(films, tmp_path / "library", workers=2)
    assert frames == 2 * 600 * 300  # two hours at 25 frames a second
    assert peak <= 600
