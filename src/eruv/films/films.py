"""Render the built-in films into a folder, with several processes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from eruv.films.photos import require_photos
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.render import is_rendered
from eruv.films.truth import DemoFilm, DemoShot, read_films, write_films
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError

__all__ = ["DemoFilm", "DemoShot", "plan_films", "read_films", "render_films"]


def render_films(
    folder: Path,
    *,
    seed: int = 0,
    num_train: int = 20,
    num_held_out: int = 10,
    bystanders: int = 0,
    workers: int = 2,
) -> list[DemoFilm]:
    """Render the films that a folder lacks, and write their ground truth to films.json.

    Films are 320 x 240 H.264 files named `<name>.mp4`. A film appears when it is complete, so that
    an interrupted call continues where it stopped.

    Args:
        folder: made if it does not exist.
        seed: of the films.
        num_train: number of films to train on.
        num_held_out: number of films to test with.
        bystanders: figures in each shot besides the one whose action counts.
        workers: number of processes to render with.

    Returns:
        The ground truth of each film, those to train on first.

    Raises:
        ValueError: if a number is negative, or there is no worker.
        EruvError: if scikit-image or scikit-learn is missing, or a film cannot be rendered.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    plans = plan_films(seed, num_train, num_held_out, bystanders)
    require_photos()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [plan for plan in plans if not is_rendered(plan, folder / f"{plan.name}.mp4")]
    total = sum(plan.num_frames for plan in plans)
    done = total - sum(plan.num_frames for plan in missing)

    options = [str(folder), *map(str, (seed, num_train, num_held_out, bystanders))]
    with Progress("films", total, done) as progress:

        def report(frames: int) -> None:
            nonlocal done
            done += frames
            progress.update(done, f"{done:,}/{total:,} frames")

        report(0)
        _render_parallel([[*options, *share] for share in _distribute(missing, workers)], report)
    films = [plan.truth() for plan in plans]
    write_films(films, folder)
    return films


def _distribute(plans: Sequence[FilmPlan], workers: int) -> list[list[str]]:
    """Distribute films over workers: the longest first, to the worker with the fewest frames."""
    shares: list[list[str]] = [[] for _ in range(min(workers, len(plans)))]
    loads = [0] * len(shares)
    for plan in sorted(plans, key=lambda plan: plan.num_frames, reverse=True):
        least = loads.index(min(loads))
        shares[least].append(plan.name)
        loads[least] += plan.num_frames
    return shares


def _render_parallel(calls: Sequence[Sequence[str]], report: Callable[[int], None]) -> None:
    """Run one process for each list of arguments, in parallel, and report finished frames."""
    source = str(Path(__file__).resolve().parents[2])
    search = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
    reading, writing = os.pipe()
    with os.fdopen(reading) as frames, ExitStack() as stack:
        processes = []
        with os.fdopen(writing, "w") as shared:
            for arguments in calls:
                errors = stack.enter_context(
                    tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
                )
                process = subprocess.Popen(
                    [sys.executable, "-m", "eruv.films.render", *arguments],
                    env={**os.environ, "PYTHONPATH": search},
                    stdin=subprocess.DEVNULL,
                    stdout=shared,
                    stderr=errors,
                )
                stack.callback(process.wait)
                stack.callback(process.kill)
                processes.append((process, errors))
        # The pipe ends with the last process; lines this short never mix.
        for line in frames:
            report(int(line))
        for process, errors in processes:
            if process.wait():
                errors.seek(0)
                raise EruvError(
                    f"rendering the demo films failed with exit code {process.returncode}; "
                    f"call again to render the rest: {errors.read().strip()}"
                )
