"""Everything that needs a CUDA device, in one script of at most eight minutes.

python benchmarks/gpu.py --with DIR [--docs docs/benchmarks] [--minutes 4]

DIR is made by gpu_library.py. Every part is a process with a limit of its own, and what it finds
is written at once, so that a part that fails or hangs takes nothing along but itself.
On a machine without CUDA, --device cpu --smoke tries every part at toy sizes.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpu_page import write_results
from pages import DOCS

ROOT = Path(__file__).parents[1]
NETWORKS = ("c3d", "r3d", "r2plus1d")


@dataclass(frozen=True)
class Part:
    """One part: its name, the seconds that it may take, and what it is told besides."""

    name: str
    limit_s: float
    words: tuple[str, ...] = ()


def plan(minutes: float, sets: Sequence[str]) -> list[list[Part]]:
    """Groups of parts; those of one group run beside each other, as none of them is timed."""
    return [
        [Part("environment", 40)],
        [Part("training", 60 * minutes + 60, (str(minutes),))],
        [
            Part("tests", 100),
            Part("planes", 60),
            Part("precision", 90),
            *(Part("compile", 100, (name,)) for name in NETWORKS),
            Part("relations", 60),
            *(Part(kind, 120, (name,)) for name in sets for kind in ("probe", "retrieval")),
        ],
        *([Part("steps", 45, (name,))] for name in NETWORKS),
        [Part("loaders", 60)],
    ]


@dataclass
class Running:
    """A part at work."""

    part: Part
    process: subprocess.Popen[bytes]
    started: float
    limit_s: float
    folder: Path

    @classmethod
    def start(cls, part: Part, given: argparse.Namespace, beside: int) -> "Running":
        log = log_of(given.to, part).open("wb")
        words = [part.name, *part.words, "--with", given.from_, "--to", given.to]
        words += ["--device", given.device, "--change", given.change]
        words += ["--smoke"] if given.smoke else []
        command = [sys.executable, __file__, "--part", *map(str, words)]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment() | few_threads(beside),
            cwd=ROOT,
            start_new_session=True,
        )
        # Toy sizes are for machines that are slow in everything.
        limit_s = part.limit_s * (20 if given.smoke else 1)
        return cls(part, process, time.monotonic(), limit_s, given.to)

    def over(self) -> bool:
        """Whether it has ended, or may take no longer."""
        late = time.monotonic() - self.started > self.limit_s
        return late or self.process.poll() is not None

    def end(self) -> dict[str, Any]:
        """End it if it has not; how it went."""
        code = self.process.poll()
        with contextlib.suppress(ProcessLookupError):  # what it leaves behind ends with it
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return {
            "part": " ".join((self.part.name, *self.part.words)),
            "seconds": time.monotonic() - self.started,
            "limit_s": self.limit_s,
            "ended": "over its limit" if code is None else "well" if code == 0 else f"with {code}",
            "printed": log_of(self.folder, self.part).read_text(errors="replace")[-4000:],
        }


def as_they_end(running: list[Running]) -> Iterator[dict[str, Any]]:
    """How each went, the first to end first."""
    while running:
        for one in [one for one in running if one.over()]:
            running.remove(one)
            yield one.end()
        time.sleep(0.1)


def log_of(folder: Path, part: Part) -> Path:
    """What a part prints."""
    return folder / f"{'-'.join((part.name, *part.words)).replace(' ', '_')}.log"


def environment() -> dict[str, str]:
    """Sources first, and where LanceDB is missing what stands in for it."""
    first = [ROOT / "src", ROOT / "benchmarks"]
    if importlib.util.find_spec("lancedb") is None:
        first.append(ROOT / "benchmarks" / "stand_ins")
    search = [*map(str, first), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search))}


def few_threads(beside: int) -> dict[str, str]:
    """Settings for a part among so many that share the cores."""
    if beside == 1:
        return {}
    count = str(max(1, len(os.sched_getaffinity(0)) // 4))
    return {"OMP_NUM_THREADS": count, "TORCHINDUCTOR_COMPILE_THREADS": count}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all parts and write the page, or one part."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--with", dest="from_", type=Path, required=True, help="by gpu_library.py")
    parser.add_argument("--to", type=Path, default=Path("build/gpu"), help="for runs and logs")
    parser.add_argument("--docs", type=Path, help="for the page; default: the project's, on CUDA")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--smoke", action="store_true", help="toy sizes, to try the script itself")
    parser.add_argument("--minutes", type=float, default=4.0, help="of the pre-training")
    parser.add_argument("--change", default="{}", help="of the recipe paper_c3d, as JSON")
    parser.add_argument("--only", nargs="+", help="names of the parts to run")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    given.from_, given.to = given.from_.resolve(), given.to.resolve()
    if given.part:
        run_part(given)
        return
    refuse_missing_device(given)
    if not (given.from_ / "contents.json").is_file():
        sys.exit(f"{given.from_} was not made by gpu_library.py: it has no contents.json")
    docs = given.docs or (DOCS if given.device == "cuda" and not given.smoke else given.to)
    shutil.rmtree(given.to, ignore_errors=True)
    given.to.mkdir(parents=True)
    contents = json.loads((given.from_ / "contents.json").read_text())
    sets = [one["name"] for one in contents["labelled"]]
    ends: list[dict[str, Any]] = []
    started = time.monotonic()
    for group in plan(given.minutes, sets):
        chosen = [one for one in group if given.only is None or one.name in given.only]
        for end in as_they_end([Running.start(part, given, len(chosen)) for part in chosen]):
            ends.append(end)
            at = time.monotonic() - started
            print(f"{at:5.0f} s: {end['part']} ended {end['ended']}", flush=True)
            if end["ended"] != "well":
                print(end["printed"], flush=True)
            write_results(given.to, docs, ends)
    print((docs / "gpu.md").read_text())


def refuse_missing_device(given: argparse.Namespace) -> None:
    """Say it, and stop, where there is no CUDA device to measure."""
    import torch

    if given.device == "cuda" and not torch.cuda.is_available():
        sys.exit(
            f"torch {torch.__version__} finds no CUDA device on this machine, so nothing was "
            f"measured and no page was written. To try the script: --device cpu --smoke"
        )


def run_part(given: argparse.Namespace) -> None:
    """Run one part in this process; its results go to lines of a file, one by one."""
    from gpu_parts import PARTS, Bench

    name, *words = given.part
    options = given.device, given.smoke
    bench = Bench(name, given.from_, given.to, *options, json.loads(given.change))
    try:
        PARTS[name](bench, *words)
    except BaseException:
        bench.write(error=traceback.format_exc(), words=words)
        raise


if __name__ == "__main__":
    main()
