"""Whether a stretch cut out of a video, encoded anew, finds its own place first.

    python benchmarks/search_places.py LIBRARY [--trials 100] [--seed 0] [--docs docs/benchmarks]

The library has vectors (`eruv embed`). Each query is cut from the middle of one of its videos, at
another size, rate and quality, by nearest frames in time.
"""

import argparse
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import av

import eruv
from eruv.library.catalogue import Library
from pages import DOCS, write_page

SECONDS = 1.2, 3.0
RATES, WIDTHS, QUALITIES = (15, 24, 30), (240, 320, 480), (23, 28, 33)
NEAR_S = 1.0  # from its own place


@dataclass(frozen=True)
class Trial:
    """One query, and what was found first."""

    video: str
    start_s: float
    seconds: float
    rate: int
    width: int
    crf: int
    found: str
    found_start_s: float
    found_end_s: float
    right: bool
    search_s: float


def cut(
    path: Path, to: Path, start_s: float, seconds: float, rate: int, width: int, crf: int
) -> None:
    """Encode a stretch of a file anew."""
    with av.open(str(path)) as reading:
        frames = [one for one in reading.decode(video=0) if one.time is not None]
    first = frames[0].time or 0.0
    times = [float(one.time or 0.0) - first for one in frames]
    height = round(width * frames[0].height / frames[0].width / 2) * 2
    with av.open(str(to), "w") as writing:
        stream = writing.add_stream("libx264", rate=rate, options={"crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(seconds * rate)):
            wished = start_s + number / rate
            nearest = min(range(len(times)), key=lambda n: abs(times[n] - wished))
            small = frames[nearest].reformat(width, height, "yuv420p").to_ndarray()
            picture = av.VideoFrame.from_ndarray(small, "yuv420p")
            picture.pts = number
            writing.mux(stream.encode(picture))
        writing.mux(stream.encode(None))


def trial(library: Library, generator: random.Random, query: Path) -> Trial:
    """One query from a video drawn uniformly among those that can be searched."""
    segment = generator.choice(library.segments().to_pylist())
    path = library.paths()[segment["video_id"]][0]
    room = segment["end_s"] - segment["start_s"]
    seconds = min(room, generator.uniform(*SECONDS))
    start_s = segment["start_s"] + generator.uniform(0, room - seconds)
    rate, width, crf = map(generator.choice, (RATES, WIDTHS, QUALITIES))
    cut(path, query, start_s, seconds, rate, width, crf)
    begun = time.perf_counter()
    best = eruv.search(library.folder, str(query), k=1, device="cpu").moments[0]
    taken = time.perf_counter() - begun
    middle = start_s + seconds / 2
    right = best.video_id == segment["video_id"] and (
        best.start_s - NEAR_S <= middle <= best.end_s + NEAR_S
    )
    where = (Path(best.path).name, best.start_s, best.end_s)
    return Trial(path.name, start_s, seconds, rate, width, crf, *where, right, taken)


def page(title: str, videos: int, trials: Sequence[Trial], seed: int) -> list[str]:
    """The results as Markdown."""
    rates, widths, qualities = (
        ", ".join(map(str, values)) for values in (RATES, WIDTHS, QUALITIES)
    )
    right = sum(one.right for one in trials)
    seconds = median(one.search_s for one in trials)
    lines = [
        f"# {title}",
        "",
        f"    python benchmarks/search_places.py LIBRARY --seed {seed}",
        "",
        f"{videos} videos. Stretches of {SECONDS[0]} to {SECONDS[1]} s, encoded anew at {rates} "
        f"frames a second, {widths} pixels wide, CRF {qualities}.",
        "",
        f"**{right} of {len(trials)}** find their own place first, within {NEAR_S:g} s. A search, "
        f"with reading the query, takes {seconds:.1f} s in the median.",
    ]
    wrong = [one for one in trials if not one.right]
    if wrong:
        lines += ["", "| wrong | from | seconds | found |", "|---|---|---|---|"]
    for one in wrong:
        found = f"{one.found} at {one.found_start_s:.1f}"
        lines.append(f"| {one.video} | {one.start_s:.1f} | {one.seconds:.1f} | {found} |")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--title", default="A stretch, encoded anew, finds its own place")
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    logging.getLogger("eruv").setLevel(logging.WARNING)
    library, generator = Library(options.library), random.Random(options.seed)
    query = options.library / "query.mp4"
    trials = []
    for number in range(options.trials):
        trials.append(trial(library, generator, query))
        one = trials[-1]
        print(
            f"{number + 1}: {'right' if one.right else 'WRONG'} {one.video} {one.found}", flush=True
        )
    query.unlink()
    lines = page(options.title, len(library.video_ids()), trials, options.seed)
    write_page(options.docs, "search_places", lines, [asdict(one) for one in trials])


if __name__ == "__main__":
    main()
