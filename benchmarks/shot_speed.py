"""How fast shots are found, beside what merely decoding costs.

python benchmarks/shot_speed.py --videos DIR --to DIR [--docs docs/benchmarks]
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pages import DOCS, ratio_of_rounds
from shot_films import WIDTHS, Film, FilmSpec, compose_frames, write_film
from shot_profile import PARTS, hog_milliseconds, profile
from shot_sources import PictureStore, find_sources
from shot_worker import run_watched

TASKS = ("decode", "shots", "ingest", "pyscenedetect")
ROUNDS = 3
# Films that are joined to one file: long enough that starting up does not count.
FILMS = {240: 28, 720: 4}


@dataclass(frozen=True)
class Speed:
    """Of one task on the two files of one size.

    Attributes:
        frames_per_second: of every round.
        peak_bytes: the greatest of all rounds.
    """

    frames_per_second: tuple[float, ...]
    peak_bytes: int

    @property
    def median(self) -> float:
        """Frames a second."""
        return statistics.median(self.frames_per_second)


def _pictures(videos: Path, height: int, half: int) -> tuple[Film, Iterator[NDArray[np.uint8]]]:
    sources, store = find_sources(videos, "reporting"), PictureStore()
    indices = range(FILMS[height] * half, FILMS[height] * (half + 1))
    specs = [FilmSpec(9, "reporting", "mixed", height, 30, index) for index in indices]
    made = [compose_frames(spec, sources, store) for spec in specs]
    return made[0][0], itertools.chain.from_iterable(pictures for _, pictures in made)


def speed_films(folder: Path, videos: Path, height: int, codec: str) -> list[Path]:
    """Two files of mixed films, so that `ingest` has work for two workers.

    Args:
        codec: "h264", or "xvid" (MPEG-4 part 2 in AVI).
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for half in range(2):
        path = folder / f"{height}p-{FILMS[height]}-{half}.{'mp4' if codec == 'h264' else 'avi'}"
        paths.append(path)
        if path.is_file():
            continue
        film, pictures = _pictures(videos, height, half)
        if codec == "h264":
            write_film(path, film, pictures)
        else:
            _write_xvid(path, height, pictures)
    return paths


def _write_xvid(path: Path, height: int, pictures: Iterator[NDArray[np.uint8]]) -> None:
    part = path.with_suffix(".part")
    with av.open(str(part), "w", format="avi") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTHS[height], height, "yuv420p"
        stream.codec_context.codec_tag = "XVID"
        stream.bit_rate = 40 * height * height  # 2.3 Mbit/s at 240p, 20 at 720p
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "yuv420p")))
        container.mux(stream.encode(None))
    os.replace(part, path)


def _decode(paths: Sequence[Path]) -> Callable[[], int]:
    def run() -> int:
        count = 0
        for path in paths:
            with av.open(str(path)) as file:
                file.streams.video[0].thread_type = "FRAME"
                file.streams.video[0].codec_context.thread_count = 0
                count += sum(1 for _ in file.decode(video=0))
        return count

    return run


def _shots(paths: Sequence[Path]) -> Callable[[], object]:
    from eruv.detection.detect import detect_shots
    from eruv.detection.detectors import DetectorChoice
    from eruv.media.orientation import UPRIGHT
    from eruv.media.sampling import Sampler

    # Loads the compiled code, as the import of a library does.
    detector = DetectorChoice().make()
    sampler = Sampler(detector.picture.height, detector.picture.width)
    for _ in range(100):
        detector.add(sampler.planes(av.VideoFrame(64, 64, "yuv420p"), UPRIGHT))
    detector.finish()
    return lambda: sum(detect_shots(path, threads=0).num_frames for path in paths)


def _ingest(paths: Sequence[Path]) -> Callable[[], object]:
    from eruv.library.ingest import ingest

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            ingest(list(paths), Path(folder) / "library", workers=2)

    return run


def _pyscenedetect(paths: Sequence[Path]) -> Callable[[], object]:
    from shot_detectors import Pass, reader

    read = reader(Pass("pyscenedetect", "content"))
    return lambda: sum(read(path).num_frames for path in paths)


_PREPARE: dict[str, Callable[[Sequence[Path]], Callable[[], object]]] = {
    "decode": _decode,
    "shots": _shots,
    "ingest": _ingest,
    "pyscenedetect": _pyscenedetect,
}


def measure_speed(
    paths: Sequence[Path], tasks: Sequence[str] = TASKS, rounds: int = ROUNDS
) -> dict[str, Speed]:
    """Frames a second of every task, in turns; by task."""
    seconds: dict[str, list[float]] = {task: [] for task in tasks}
    peaks = dict.fromkeys(tasks, 0)
    frames = _decode(paths)()
    for _ in range(rounds):
        for task in tasks:
            request = {"task": task, "paths": [str(path) for path in paths]}
            out, peak = run_watched([sys.executable, __file__, "--worker"], request)
            seconds[task].append(float(json.loads(out.splitlines()[-1])["seconds"]))
            peaks[task] = max(peaks[task], peak)
    return {
        task: Speed(tuple(frames / each for each in seconds[task]), peaks[task]) for task in tasks
    }


def ratio(speeds: Mapping[str, Speed], task: str, to: str) -> float:
    """Median over the rounds of how many times as fast one task is as another."""
    return ratio_of_rounds(speeds[task].frames_per_second, speeds[to].frames_per_second)


def table(name: str, speeds: Mapping[str, Speed]) -> list[str]:
    """A row of Markdown for every task."""
    return [
        f"| {name} | {task} | {speed.median:.0f} | {ratio(speeds, task, 'decode'):.2f} "
        f"| {ratio(speeds, task, 'pyscenedetect'):.2f} | {ratio(speeds, task, 'shots'):.2f} "
        f"| {speed.peak_bytes / 1e6:.0f} |"
        for task, speed in speeds.items()
    ]


HEADER = [
    "| films | | frames/s | to decoding | to PySceneDetect | to `eruv shots` | peak MB |",
    "|---|---|---|---|---|---|---|",
]


def compare_speed(folder: Path, videos: Path, rounds: int = ROUNDS) -> list[str]:
    """The table of all sizes and codecs."""
    lines = list(HEADER)
    for codec, height in (("h264", 720), ("h264", 240), ("xvid", 720), ("xvid", 240)):
        speeds = measure_speed(speed_films(folder, videos, height, codec), rounds=rounds)
        lines += table(f"{codec} {height}p", speeds)
        print(*lines[-len(TASKS) :], sep="\n", flush=True)
    films = [speed_films(folder, videos, height, "h264")[0] for height in (720, 240)]
    hog_ms = hog_milliseconds(films[1], ROUNDS)
    lines += [
        "",
        f"HOG alone takes {hog_ms:.3f} ms for a picture of 96×128 on one core.",
        "",
        "Milliseconds a frame of `eruv shots` in one thread, under Python's profiler:",
        "",
        f"| H.264 | {' | '.join(PARTS)} | the rest | together |",
        "|---" * (len(PARTS) + 3) + "|",
        *profile(films[0]),
        *profile(films[1]),
    ]
    return lines


def speed_of_films(folder: Path, rounds: int) -> list[str]:
    """The table of all composed films of a folder, by height."""
    lines = [f"Load of the machine before: {os.getloadavg()[0]:.1f}.", "", *HEADER]
    for height in (720, 240):
        paths = sorted(folder.glob(f"*-{height}p-*.mp4"))
        speeds = measure_speed(paths, ("decode", "shots", "pyscenedetect"), rounds)
        lines += table(f"{len(paths)} films of {height}p", speeds)
    return lines


def page(lines: Sequence[str], options: str) -> str:
    """What was measured, and how."""
    from eruv.detection.detectors import DetectorChoice

    head = [
        "# How fast shots are found",
        "",
        f"    python benchmarks/shot_speed.py {options}",
        "",
        f"{DetectorChoice()}, beside PySceneDetect's content detector and beside decoding alone. "
        "Medians of rounds in turns; ratios are medians of ratios of a round. Importing libraries "
        "and loading compiled code comes before the clock runs.",
        "",
    ]
    return "\n".join([*head, *lines, ""])


def worker() -> None:
    """Run one task from stdin; imports are done before the clock runs."""
    request = json.loads(sys.stdin.read())
    run = _PREPARE[request["task"]]([Path(path) for path in request["paths"]])
    start = time.perf_counter()
    run()
    print(json.dumps({"seconds": time.perf_counter() - start}))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, help="folder with source clips")
    parser.add_argument("--to", type=Path, help="folder for the films")
    parser.add_argument("--films", type=Path, help="folder with composed films to read instead")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder for the page")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        worker()
        return
    if given.films:
        lines, options = speed_of_films(given.films, given.rounds), "--films DIR"
    else:
        lines = compare_speed(given.to, given.videos, given.rounds)
        options = "--videos DIR --to DIR"
    text = page(lines, f"{options} --rounds {given.rounds}")
    given.docs.mkdir(parents=True, exist_ok=True)
    (given.docs / "shots_speed.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
