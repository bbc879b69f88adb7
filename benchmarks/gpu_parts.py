"""The parts of gpu.py: what each does, by name, and what all of them are given."""

import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from eruv.clips.planes import PlaneClips, rgb_on, to_rgb
from eruv.library.catalogue import Library

PACKAGES = ("torch", "triton", "numpy", "numba", "av", "accelerate", "lancedb", "pyarrow")
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Bench:
    """What a part is given.

    Attributes:
        part: its name; results are lines of PART.jsonl.
        source: folder made by gpu_library.py.
        folder: for results, runs and logs.
        device: cuda or cpu.
        smoke: toy sizes.
        changes: of the recipe that is trained, as in its file.
    """

    part: str
    source: Path
    folder: Path
    device: str
    smoke: bool
    changes: dict[str, Any]

    def write(self, **figures: Any) -> None:
        """Add a line of results."""
        # One write a line: several processes of one part share the file.
        with (self.folder / f"{self.part}.jsonl").open("a") as file:
            file.write(json.dumps(figures) + "\n")
        print(json.dumps(figures)[:2000], flush=True)

    def synchronize(self) -> None:
        """Wait for the device."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    @cached_property
    def library(self) -> Library:
        return Library(self.source / "library")

    @cached_property
    def contents(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.source / "contents.json").read_text())
        return found


def environment(bench: Bench) -> None:
    """The card, its driver, the versions, and what the card does at best."""
    bench.write(
        card=torch.cuda.get_device_name() if bench.device == "cuda" else "none",
        driver=printed("nvidia-smi", "--query-gpu=driver_version,memory.total", "--format=csv"),
        torch=torch.__version__,
        cuda=torch.version.cuda,
        cudnn=torch.backends.cudnn.version(),
        python=platform.python_version(),
        cores=len(os.sched_getaffinity(0)),
        shared_memory=printed("df", "-h", "/dev/shm").splitlines()[-1],
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        packages={name: version_of(name) for name in PACKAGES},
        commit=printed("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
        library={
            "films": len(bench.library.video_ids()),
            "frames": sum(row["num_frames"] for row in bench.library.videos()),
            "parts": bench.contents["parts"],
        },
    )
    bench.write(**ceilings(bench))


def ceilings(bench: Bench) -> dict[str, float]:
    """TFLOP/s of a large matrix product in bf16 and float32, GB/s of a copy (read and written)."""
    side = 256 if bench.smoke else 8192
    found = {}
    for name, kind in (("bf16", torch.bfloat16), ("float32", torch.float32)):
        one, other = (torch.randn(side, side, device=bench.device, dtype=kind) for _ in range(2))
        seconds = best_of(bench, lambda a=one, b=other: a @ b)  # type: ignore[misc]
        found[f"{name}_tflop_s"] = 2 * side**3 / seconds / 1e12
    data = torch.randint(0, 256, (side * side * 4,), device=bench.device, dtype=torch.uint8)
    found["copy_gb_s"] = 2 * len(data) / best_of(bench, data.clone) / 1e9
    return found


def best_of(bench: Bench, work: Callable[[], Any], times: int = 10) -> float:
    """Seconds of the fastest of several goes."""
    taken = []
    for _ in range(times + 3):
        bench.synchronize()
        started = time.perf_counter()
        work()
        bench.synchronize()
        taken.append(time.perf_counter() - started)
    return min(taken[3:])


def printed(*command: str) -> str:
    """What a command prints; what is wrong, where it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout or done.stderr).strip()


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def tests(bench: Bench) -> None:
    """Those marked `gpu`, as `pytest -m gpu` runs them."""
    # Only their files: others import what a machine for GPUs may lack.
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if "mark.gpu" in path.read_text()]
    words = ["-m", "gpu", "-q", "-rA", "-p", "no:cacheprovider", "--durations=10"]
    command = [sys.executable, "-m", "pytest", *words, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    print(done.stdout + done.stderr, flush=True)
    counted = re.findall(r"\d+ (?:passed|failed|skipped|errors?)", done.stdout)
    bench.write(
        code=done.returncode,
        counts=counted,
        output=done.stdout[-20000:],
        errors=done.stderr[-4000:],
    )


def planes(bench: Bench) -> None:
    """Planes become the same RGB on the device as on the processor: every level of every pixel."""
    device = torch.device(bench.device)
    generator = torch.Generator().manual_seed(0)
    # Every Y with every U and V: one row of 256 luma levels for each pair of chroma levels.
    step = 16 if bench.smoke else 4
    levels = torch.arange(0, 256, step)
    u, v = torch.meshgrid(levels, levels, indexing="ij")
    frames = torch.empty(u.numel(), 192, 172, dtype=torch.uint8)
    frames[:, :128] = torch.arange(128 * 172).reshape(128, 172) % 256
    frames[:, 128:, :86] = u.reshape(-1, 1, 1)
    frames[:, 128:, 86:] = v.reshape(-1, 1, 1)
    noise = torch.randint(0, 256, (64, 192, 172), dtype=torch.uint8, generator=generator)
    pixels = torch.randint(0, 128 * 172, (112, 112), dtype=torch.int32, generator=generator)
    compared = off = most = 0
    for part in (*frames.split(256), noise):
        clips = PlaneClips(part, pixels)
        difference = (rgb_on(clips, device).cpu().int() - to_rgb(clips).int()).abs()
        compared += difference.numel()
        off += int((difference > 0).sum())
        most = max(most, int(difference.max()))
    bench.write(values=compared, values_off=off, most_levels_off=most)
    if off:
        raise AssertionError(f"{off} of {compared} values differ, by up to {most} levels")


def _steps(bench: Bench, network: str) -> None:
    from gpu_steps import steps

    steps(bench, network)


def _compile(bench: Bench, network: str) -> None:
    from gpu_steps import compile_cold

    compile_cold(bench, network)


def _precision(bench: Bench) -> None:
    from gpu_precision import precision

    precision(bench)


def _loaders(bench: Bench) -> None:
    from gpu_training import loaders

    loaders(bench)


def _training(bench: Bench, minutes: str) -> None:
    from gpu_training import training

    training(bench, float(minutes))


def _relations(bench: Bench) -> None:
    from gpu_training import measured_relations

    measured_relations(bench)


def _probe(bench: Bench, name: str) -> None:
    from gpu_training import measured_probe

    measured_probe(bench, name)


def _retrieval(bench: Bench, name: str) -> None:
    from gpu_training import measured_retrieval

    measured_retrieval(bench, name)


PARTS: dict[str, Callable[..., None]] = {
    "environment": environment,
    "tests": tests,
    "planes": planes,
    "precision": _precision,
    "compile": _compile,
    "steps": _steps,
    "loaders": _loaders,
    "training": _training,
    "relations": _relations,
    "probe": _probe,
    "retrieval": _retrieval,
}
