"""Where the time of `eruv shots` goes, in one thread."""

import cProfile
import itertools
import pstats
import statistics
import time
from pathlib import Path
from typing import Any

import av

# Names of compiled and library functions, by what they do.
PARTS = {
    "decoding": ("decode", "_packets"),
    "sampling": ("_sample", "planes", "sampled", "padded_rows"),
    "HOG and small pictures": ("_remember", "add"),
    "distances": ("_fill_rows",),
    "network": ("_convolve",),
}


def profile(path: Path) -> list[str]:
    """A row of Markdown: milliseconds a frame of one thread by part, under Python's profiler."""
    from eruv.detection.detect import detect_shots

    detect_shots(path, threads=1)
    profiler = cProfile.Profile()
    frames = profiler.runcall(detect_shots, path, threads=1).num_frames
    seconds = dict.fromkeys(PARTS, 0.0)
    stats: dict[Any, Any] = vars(pstats.Stats(profiler))["stats"]
    for (_, _, name), (_, _, own_time, _, _) in stats.items():
        for part, names in PARTS.items():
            if any(name == one or name.startswith(f"<method '{one}'") for one in names):
                seconds[part] += own_time
    total = sum(own_time for _, _, own_time, _, _ in stats.values())
    values = [*seconds.values(), total - sum(seconds.values()), total]
    cells = " | ".join(f"{1000 * value / frames:.3f}" for value in values)
    return [f"| {path.stem.partition('-')[0]} | {cells} |"]


def hog_milliseconds(path: Path, count: int) -> float:
    """Of one picture of 96×128, the median over rounds, on one core."""
    from eruv.detection.hog import hog
    from eruv.media.scaling import plane_of

    with av.open(str(path)) as file:
        lumas = [
            plane_of(frame.reformat(width=128, height=96, format="gray"), 0).copy()
            for frame in itertools.islice(file.decode(video=0), 300)
        ]
    hog(lumas[0])
    rounds = []
    for _ in range(count):
        start = time.perf_counter()
        for luma in lumas:
            hog(luma)
        rounds.append(time.perf_counter() - start)
    return 1000 * statistics.median(rounds) / len(lumas)
