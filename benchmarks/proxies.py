"""How proxies could be encoded: the reader's speed, the writer's, size and fidelity.

python benchmarks/proxies.py --videos DIR --to DIR [--docs docs/benchmarks]
"""

import argparse
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from clip_readers import requests
from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize, ClipSpec
from eruv.media.orientation import UPRIGHT, orientation_of_frame
from eruv.media.proxy import ProxySettings, ProxyWriter, encoder_options
from eruv.media.scaling import Plane, Scaler, plane_of
from eruv.media.video import VideoSource
from pages import DOCS, write_page
from shot_speed import speed_films

FRAMES = 1500  # of each film
CLIPS = 300  # read in a round
ROUNDS = 3
HOUR_FRAMES = 25 * 3600
RATE = Fraction(25)
X264 = "keyint={0}:min-keyint={0}:scenecut=0:bframes=0:mbtree=0"


@dataclass(frozen=True)
class Way:
    """An encoder with its options; `name` is for people."""

    name: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)


def mpeg4(quantizer: int, interval: int = 16) -> Way:
    """FFmpeg's MPEG-4 part 2 at one quantizer, as proxies have it."""
    settings = ProxySettings(quantizer=quantizer, key_frame_interval=interval)
    name = f"MPEG-4, quantizer {quantizer}, key {interval}"
    return Way(name, "mpeg4", encoder_options(settings))


def x264(preset: str, tune: str, crf: int, interval: int = 16) -> Way:
    """libx264, without what would keep frames waiting or decoding slow."""
    options = {"preset": preset, "crf": str(crf), "x264-params": X264.format(interval)}
    name = f"x264 {preset}{' fastdecode' if tune else ''}, CRF {crf}, key {interval}"
    return Way(name, "libx264", options | ({"tune": tune} if tune else {}))


WAYS = (
    mpeg4(3),
    mpeg4(2),
    mpeg4(4),
    mpeg4(3, 1),
    mpeg4(3, 8),
    mpeg4(3, 32),
    x264("veryfast", "fastdecode", 20),
    x264("veryfast", "fastdecode", 23),
    x264("superfast", "fastdecode", 20),
    x264("ultrafast", "", 18),
    x264("veryfast", "", 18),
    x264("medium", "", 18),
)


class WayWriter(ProxyWriter):
    """Writes a proxy in another way than the project's."""

    def __init__(self, path: Path, way: Way) -> None:
        self.way = way
        super().__init__(path, ProxySettings(), RATE)

    def _encoder(self) -> tuple[str, dict[str, str]]:
        return self.way.codec, self.way.options


def write_way(source: Path, to: Path, way: Way) -> None:
    """A whole film, at a proxy's size, as `ingest` would scale it."""
    with VideoSource(source) as video, WayWriter(to, way) as proxy:
        scaler = Scaler(proxy.settings.height, proxy.settings.width, "yuv420p")
        orientation = None
        for frame in video.frames():
            orientation = orientation or orientation_of_frame(frame.picture)
            proxy.write(scaler.planes(frame.picture, orientation))


def pictures_of(path: Path) -> list[list[Plane]]:
    """The planes of a film's first frames, as `ingest` would scale them."""
    scaler = Scaler(ProxySettings.height, ProxySettings.width, "yuv420p")
    with VideoSource(path, 1) as source:
        frames = islice(source.frames(), FRAMES)
        return [[plane.copy() for plane in scaler.planes(f.picture, UPRIGHT)] for f in frames]


def encode(films: Sequence[Sequence[Sequence[Plane]]], folder: Path, way: Way) -> float:
    """Write 0.mp4, 1.mp4 and so on; milliseconds a frame."""
    started, count = time.perf_counter(), 0
    for number, film in enumerate(films):
        with WayWriter(folder / f"{number}.mp4", way) as writer:
            for planes in film:
                writer.write(planes)
        count += len(film)
    return (time.perf_counter() - started) / count * 1e3


def clips_per_s(paths: Sequence[Path], counts: Sequence[int], seed: int) -> float:
    """Random clips of 16 frames with the project's reader."""
    size = ClipSize()
    reader = ClipReader(paths, ProxySettings(), size)
    wanted = requests(counts, 1, seed)[:CLIPS]
    for number in range(len(paths)):
        reader.read(ClipSpec(number, (0,), size.centre))
    started = time.perf_counter()
    for number, frames in wanted:
        reader.read(ClipSpec(number, tuple(frames), size.centre))
    taken = time.perf_counter() - started
    reader.close()
    return len(wanted) / taken


def decibels(film: Sequence[Sequence[Plane]], path: Path) -> NDArray[np.float64]:
    """Luma PSNR of each frame against the pictures that were encoded."""
    found = []
    with av.open(str(path)) as container:
        for planes, frame in zip(film, container.decode(video=0), strict=True):
            luma = plane_of(frame, 0)[:, : ProxySettings.width].astype(float)
            error = np.square(luma - planes[0]).mean()
            found.append(10 * np.log10(255**2 / max(error, 1e-9)))
    return np.array(found)


def measure(films: Sequence[Sequence[Sequence[Plane]]], to: Path, rounds: int) -> list[list[float]]:
    """A row for each way: clips/s, ms a frame, MB an hour, mean and worst film's PSNR."""
    counts = [len(film) for film in films]
    speeds: dict[str, list[float]] = {way.name: [] for way in WAYS}
    writing: dict[str, list[float]] = {way.name: [] for way in WAYS}
    folders = {way.name: to / f"way-{number}" for number, way in enumerate(WAYS)}
    for seed in range(rounds):
        for way in WAYS:
            folders[way.name].mkdir(parents=True, exist_ok=True)
            writing[way.name].append(encode(films, folders[way.name], way))
            paths = [folders[way.name] / f"{n}.mp4" for n in range(len(films))]
            speeds[way.name].append(clips_per_s(paths, counts, seed))
    rows = []
    for way in WAYS:
        paths = [folders[way.name] / f"{n}.mp4" for n in range(len(films))]
        quality = [decibels(film, path).mean() for film, path in zip(films, paths, strict=True)]
        size = sum(path.stat().st_size for path in paths) / sum(counts) * HOUR_FRAMES / 1e6
        speed, write = statistics.median(speeds[way.name]), statistics.median(writing[way.name])
        rows.append([speed, write, size, float(np.mean(quality)), float(np.min(quality))])
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="folder with source clips")
    parser.add_argument("--to", type=Path, required=True, help="folder for films and proxies")
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    sources = [
        path for size in (240, 720) for path in speed_films(given.to, given.videos, size, "h264")
    ]
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    films = [pictures_of(path) for path in sources]
    rows = measure(films, given.to, given.rounds)
    lines = [
        "# Ways to encode proxies",
        "",
        "    make bench-proxies VIDEOS=DIR",
        "",
        f"{sum(map(len, films)):,} pictures of 128x171 from films of 240p and 720p; clips of 16 "
        f"frames at random places, read by the project's reader on one core; medians of "
        f"{given.rounds} rounds in turns; luma PSNR against the pictures encoded. The first row is "
        "what `ingest` writes.",
        "",
        "| encoder | clips/s | encoding, ms a frame | MB an hour, 25 fps | PSNR | worst film |",
        "|---|---|---|---|---|---|",
    ]
    for way, (speed, write, size, mean, worst) in zip(WAYS, rows, strict=True):
        lines.append(
            f"| {way.name} | {speed:,.0f} | {write:.3f} | {size:.0f} | {mean:.1f} | {worst:.1f} |"
        )
    names = ("clips_per_s", "encoding_ms", "mb_an_hour", "psnr", "worst_psnr")
    values = [
        {"way": way.name, **dict(zip(names, row, strict=True))}
        for way, row in zip(WAYS, rows, strict=True)
    ]
    write_page(given.docs, "proxies", lines, values)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
