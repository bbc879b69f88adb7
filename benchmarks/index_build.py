"""How long the search index takes to build, and in how much memory, as the table grows.

    python benchmarks/index_build.py --to DIR [--rows 250000 500000 1000000 2000000]

Vectors of `benchmarks/search_index.py`; each index is built in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.moments.index import refresh_index
from eruv.moments.table import VectorTable
from pages import DOCS, peak_bytes, write_page
from search_index import FEATURES, LOOK, Made, fill


def build(folder: Path) -> dict[str, float]:
    """Seconds and peak memory of building both columns' indexes."""
    table = VectorTable.of_library(Library(folder))
    started = time.monotonic()
    assert refresh_index(table)
    seconds = time.monotonic() - started
    return {"build_s": seconds, "peak_bytes": peak_bytes()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill, build and write the page; or build one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 500_000, 10**6, 2 * 10**6])
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    if options.build:
        print(json.dumps(build(options.to)))
        return
    made = {"vector": Made(FEATURES, 0), "look": Made(LOOK, 1)}
    results: list[dict[str, Any]] = []
    for rows in options.rows:
        fill(options.to, rows, made)
        command = [sys.executable, __file__, "--to", str(options.to), "--build"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        results.append({"rows": rows, **json.loads(done.stdout.splitlines()[-1])})
        print(results[-1], flush=True)
    lines = [
        "# Building the index as the table grows",
        "",
        "    python benchmarks/index_build.py --to DIR",
        "",
        f"Vectors of {FEATURES} numbers and looks of {LOOK}, made up; both columns, in a process "
        "of its own. Peak memory with the interpreter and its libraries.",
        "",
        "| windows | seconds | a million | peak memory |",
        "|---|---|---|---|",
    ]
    for one in results:
        each = one["build_s"] / one["rows"] * 1e6
        lines.append(
            f"| {one['rows']:,} | {one['build_s']:.0f} | {each:.0f} "
            f"| {one['peak_bytes'] / 1e6:,.0f} MB |"
        )
    write_page(options.docs, "index_build", lines, results)


if __name__ == "__main__":
    main()
