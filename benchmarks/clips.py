"""Random clips a second and core: our reader, others on the same proxies, and others on sources.

python benchmarks/clips.py --videos DIR --to DIR [--docs docs/benchmarks]
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path

from clip_readers import PARTS, READERS, SOURCE_READERS, requests
from pages import DOCS, ratio_of_rounds, write_page
from proxies import write_way, x264
from shot_speed import speed_films
from shot_worker import run_watched

STRIDES = (1, 2, 4)
OURS = ("eruv, as planes", "eruv")
ROUNDS = 5
SECONDS = 2.0  # of reading in a round
PACKAGES = {"eruv": "eruv", "torchcodec": "torchcodec", "decord": "decord", "PyAV": "av"}


def worker() -> None:
    """Read clips for a while; prints clips a second."""
    request = json.loads(sys.stdin.read())
    paths = [Path(path) for path in request["paths"]]
    try:
        read = (READERS | PARTS)[request["reader"]](paths)
    except (ImportError, PackageNotFoundError, RuntimeError, OSError) as error:
        print(json.dumps({"missing": str(error).splitlines()[0]}))
        return
    clips = requests(request["counts"], request["stride"], request["seed"])
    for number, frames in clips[:3]:
        read(number, frames)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        read(*clips[(3 + count) % len(clips)])
        count += 1
    print(json.dumps({"clips_per_s": count / (time.perf_counter() - start)}))


def measure(
    kinds: Sequence[tuple[str, str, int]],
    files: dict[str, tuple[list[Path], list[int]]],
    rounds: int,
) -> tuple[dict[tuple[str, str, int], list[float]], dict[str, str]]:
    """Clips a second by reader, files and stride, a value a round; and why some are missing."""
    taken: dict[tuple[str, str, int], list[float]] = {}
    missing: dict[str, str] = {}
    for number in range(rounds):
        for kind in kinds:
            reader, name, stride = kind
            if reader in missing:
                continue
            paths, counts = files[name]
            request = {
                "reader": reader,
                "paths": [str(path) for path in paths],
                "counts": counts,
                "stride": stride,
                "seed": number,
            }
            out, _ = run_watched([sys.executable, __file__, "--worker"], request, cores=1)
            answer = json.loads(out.splitlines()[-1])
            if "missing" in answer:
                missing[reader] = answer["missing"]
                print(f"{reader} is left out: {answer['missing']}", flush=True)
            else:
                taken.setdefault(kind, []).append(answer["clips_per_s"])
    return taken, missing


def libraries(folder: Path, videos: Path) -> dict[str, tuple[list[Path], list[int]]]:
    """Proxies, and sources of 240p and 720p, with their numbers of frames."""
    from eruv.library.catalogue import Library
    from eruv.library.ingest import ingest

    files: dict[str, tuple[list[Path], list[int]]] = {}
    sources = {height: speed_films(folder, videos, height, "h264") for height in (240, 720)}
    ingest([path for paths in sources.values() for path in paths], folder / "library")
    library = Library(folder / "library")
    rows = {row["video_id"]: row["num_frames"] for row in library.videos()}
    paths_of = library.paths()
    frames = {paths_of[name][0].name: count for name, count in rows.items()}
    for height, paths in sources.items():
        files[f"{height}p"] = (list(paths), [frames[path.name] for path in paths])
    written = [folder / f"h264-proxy-{name[:16]}.mp4" for name in rows]
    for name, path in zip(rows, written, strict=True):
        if not path.is_file():
            write_way(paths_of[name][0], path, x264("veryfast", "fastdecode", 20))
    files["H.264 proxies"] = (written, list(rows.values()))
    files["proxies"] = ([library.proxy_path(name) for name in rows], list(rows.values()))
    return files


def table(taken: dict[tuple[str, str, int], list[float]]) -> list[str]:
    """Markdown; the ratios are those of ours at the same stride to the row."""
    lines = [
        "| reader | reads | stride | clips/s | times as fast: ours, as planes | ours, in RGB |",
        "|---|---|---|---|---|---|",
    ]
    for (reader, name, stride), values in taken.items():
        ours = [taken[mine, "proxies", stride] for mine in OURS]
        lines.append(
            f"| {reader} | {name} | {stride} | {statistics.median(values):,.1f} "
            f"| {' | '.join(f'{ratio_of_rounds(mine, values):.2f}' for mine in ours)} |"
        )
    return lines


def where_the_time_goes(taken: dict[tuple[str, str, int], list[float]]) -> list[str]:
    """Milliseconds a clip of our reader, by what each step adds; medians."""
    decoding, converting = PARTS
    in_rgb = {
        "bound": "decoding 24 frames",
        decoding: "seeking, and frames one by one",
        converting: "RGB",
        "eruv": "cropping and copying",
    }

    def spent(name: str) -> float:
        return 1000 / statistics.median(taken[name, "proxies", 1])

    added = [after - before for before, after in pairwise([0.0, *map(spent, in_rgb)])]
    parts = [f"{step} {ms:.2f}" for step, ms in zip(in_rgb.values(), added, strict=True)]
    copying = spent(OURS[0]) - spent(decoding)
    return [
        f"Milliseconds a clip of ours at stride 1: {', '.join(parts)}. As planes, "
        f"{copying:.2f} of copying stands for the last two."
    ]


def _versions() -> str:
    found = []
    for name, package in PACKAGES.items():
        try:
            found.append(f"{name} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, help="folder with source clips")
    parser.add_argument("--to", type=Path, help="folder for films and library")
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        worker()
        return
    kinds = [(name, "proxies", stride) for name in OURS for stride in STRIDES]
    kinds += [
        (reader, "proxies", stride)
        for reader in READERS
        if reader not in OURS
        for stride in (STRIDES if reader != "bound" else (1,))
    ]
    kinds.append(("bound", "H.264 proxies", 1))
    kinds += [(part, "proxies", 1) for part in PARTS]
    kinds += [(reader, f"{height}p", 1) for height in (240, 720) for reader in SOURCE_READERS]
    taken, missing = measure(kinds, libraries(given.to, given.videos), given.rounds)
    lines = [
        "# Clips a second, on one core",
        "",
        "    make bench-clips VIDEOS=DIR",
        "",
        f"Random clips of 16 frames; medians of {given.rounds} rounds in turns. {_versions()}. "
        '"bound" merely decodes 24 frames a clip: the 16 of it and the 8 that on average lead '
        "there from a key frame; of our proxies, and of H.264 ones (x264 veryfast, fastdecode, "
        "CRF 20). Ours gives a GPU planes, which it converts and crops itself, and a processor "
        "pictures in RGB; the others give RGB, but for PyAV's row of planes. A ratio is the median "
        "of the ratios of the rounds, ours from proxies at the same stride to the row.",
        "",
        *table(taken),
        "",
        *where_the_time_goes(taken),
        "",
        *(f"{reader} was left out: {why}" for reader, why in missing.items()),
    ]
    values = [
        {"reader": reader, "reads": name, "stride": stride, "clips_per_s": taken[kind]}
        for kind in taken
        for reader, name, stride in [kind]
    ]
    write_page(given.docs, "clips", lines, values)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
