"""The same two commands on a disk and on object storage, where a part of all requests fails.

    python benchmarks/object_storage.py --to DIR [--films 12] [--rounds 2]

An S3 server (moto's) runs on loopback behind a proxy that makes requests fail. Films are the
built-in ones, made once in DIR; catalogues, proxies and vectors are compared row for row.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eruv.films.films import render_films
from eruv.library.catalogue import Library
from pages import DOCS, write_page

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from storage_for_tests import Faults, Storage, failing_proxy, s3_server, set_environment
from training_for_tests import tiny, train

WORKERS = 2
TABLES = ("videos", "segments", "proxies")
WAYS = {
    "disk": "disk",
    "bucket": "bucket",
    "bucket, 5 % failing": "bucket, one request in twenty failing",
}


def run(*words: str | Path) -> float:
    """Run a command; its seconds."""
    started = time.monotonic()
    command = [sys.executable, "-m", "eruv", *map(str, words), "--quiet", "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def both(films: str | Path, library: str | Path, encoder: Path) -> dict[str, float]:
    """Seconds of the two commands."""
    ingested = run("ingest", films, "--to", library, "--workers", str(WORKERS))
    embedded = run("embed", library, "--run", encoder, "--device", "cpu")
    again = run("ingest", films, "--to", library, "--workers", str(WORKERS))
    return {"ingest_s": ingested, "embed_s": embedded, "again_s": again}


def everything(folder: str | Path) -> dict[str, Any]:
    """All rows of a library but those of its files, and its proxies."""
    from eruv.moments.table import VectorTable

    library = Library(Path(folder))
    tables = {name: library.tables[name] for name in TABLES}
    tables["vectors"] = VectorTable.of_library(library).table
    rows: dict[str, Any] = {
        name: sorted(
            table.to_arrow().to_pylist(), key=lambda row: (row["video_id"], row.get("start", 0))
        )
        for name, table in tables.items()
    }
    return rows | {"files": [library.proxy_path(one).read_bytes() for one in library.video_ids()]}


@contextmanager
def bucket(server: str, share: float, seed: int, cache: Path) -> Iterator[Storage]:
    """A server behind a proxy, for this process and its children, with an empty cache."""
    shutil.rmtree(cache, ignore_errors=True)
    with (
        failing_proxy(server, Faults(share, seed=seed)) as storage,
        set_environment(storage.environment(), cache),
    ):
        yield storage


def in_a_bucket(
    server: str, films: Path, encoder: Path, expected: dict[str, Any], share: float, seed: int
) -> dict[str, Any]:
    """The two commands on a bucket: seconds, requests, and whether all is the same."""
    with bucket(server, share, seed, films.parent / "cache") as storage:
        files = {f"films/{path.name}": path for path in sorted(films.glob("*.mp4"))}
        home = storage.bucket("films", files)
        measured: dict[str, Any] = dict(both(f"{home}/films", f"{home}/library", encoder))
        seen = storage.faults.seen
        measured["requests"] = sum(seen.values())
        measured["failed"] = {kind: count for kind, count in sorted(seen.items()) if kind}
        measured["sent_bytes"] = storage.faults.sent_bytes
        storage.faults = Faults()
        found = everything(f"{home}/library")
    measured["differs"] = [name for name in expected if _sorted(found[name]) != expected[name]]
    return measured


def _sorted(found: list[Any]) -> list[Any]:
    return sorted(found) if found and isinstance(found[0], bytes) else found


def measure(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """All ways, interleaved."""
    films, encoder = folder / "films", folder / "encoder"
    render_films(films, num_train=count, num_held_out=0)
    results: dict[str, Any] = {way: [] for way in WAYS}
    with s3_server() as server:
        for turn in range(rounds):
            library = folder / f"library-{turn}"
            shutil.rmtree(library, ignore_errors=True)
            if not encoder.exists():
                run("ingest", films, "--to", library)
                train(library, encoder, tiny(pairs=4))
                shutil.rmtree(library)
            results["disk"].append(both(films, library, encoder))
            expected = everything(library)
            expected["files"] = sorted(expected["files"])
            for way, share in (("bucket", 0.0), ("bucket, 5 % failing", 0.05)):
                results[way].append(in_a_bucket(server, films, encoder, expected, share, seed=turn))
    source_bytes = sum(path.stat().st_size for path in films.glob("*.mp4"))
    sizes = [len(one) for one in expected["files"]]
    return {
        "films": count,
        "source_bytes": source_bytes,
        "proxy_bytes": sum(sizes),
        "windows": len(expected["vectors"]),
        "ways": results,
    }


def _spread(ways: dict[str, Any]) -> float:
    """How much longer the slowest round of a command took than the fastest, at most."""
    found = [
        max(row[key] for row in rows) / min(row[key] for row in rows) - 1
        for rows in ways.values()
        for key in ("ingest_s", "embed_s", "again_s")
    ]
    return max(found)


def page(data: dict[str, Any]) -> list[str]:
    """The page, in Markdown."""
    lines = [
        "# The two commands on object storage",
        "",
        f"`eruv ingest` and `eruv embed` of {data['films']} built-in films "
        f"({data['source_bytes'] / 1e6:.0f} MB, proxies of {data['proxy_bytes'] / 1e6:.0f} MB, "
        f"{data['windows']:,} windows) with {WORKERS} workers, from a disk to a disk, and from a "
        f"bucket to a bucket: an S3 server (moto's) on loopback, behind a proxy of which one "
        f"request in twenty fails by an answer of 429, 500 or 503, a connection closed before or "
        f"in the middle of the answer, an answer lost after the server did its work, or a slow "
        f"one. The server shares the processors with the command. Medians of "
        f"{len(data['ways']['disk'])} interleaved rounds, each with an empty cache; seconds differ "
        f"from round to round by up to {_spread(data['ways']):.0%} (much where other work runs on "
        f"the machine), the other columns hardly. Made by `benchmarks/object_storage.py`.",
        "",
        "| | ingest | embed | ingest again | requests | failed | from the bucket | differs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for way, name in WAYS.items():
        rows = data["ways"][way]
        seconds = [
            statistics.median(row[key] for row in rows)
            for key in ("ingest_s", "embed_s", "again_s")
        ]
        cells = [f"{one:.1f} s" for one in seconds]
        if way == "disk":
            cells += ["–"] * 4
        else:
            requests = statistics.median(row["requests"] for row in rows)
            failed = statistics.median(sum(row["failed"].values()) for row in rows)
            sent = statistics.median(row["sent_bytes"] for row in rows)
            differing = sorted({name for row in rows for name in row["differs"]})
            cells += [f"{requests:,.0f}", f"{failed:,.0f}", f"{sent / 1e6:.0f} MB"]
            cells.append(", ".join(differing) or "nothing")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--films", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args()
    os.environ.pop("ERUV_CACHE_GB", None)
    data = measure(options.to.resolve(), options.films, options.rounds)
    write_page(options.docs, "object_storage", page(data), data)
    print(json.dumps(data["ways"], indent=1))


if __name__ == "__main__":
    main()
