"""The built-in films: a folder and a seed come in, rendered mp4 files and their truth go out."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from eruv.films.film_file import is_rendered
from eruv.films.photos import require_photos
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.truth import DemoFilm, DemoShot, read_films, write_films
from eruv.utils.errors import EruvError

__all__ = ["DemoFilm", "DemoShot", "plan_films", "read_films", "render_films"]


def render_films(
    folder: Path,
    *,
    seed: int = 0,
    num_train: int = 20,
    num_held_out: int = 10,
    workers: int = 2,
    on_frames: Callable[[int, int], None] | None = None,
) -> list[DemoFilm]:
    """Render the demo films that a folder does not hold yet, and write down what is in them.

    Films are 320 x 240 H.264 files named `<name>.mp4`; films.json beside them is the truth about
    their shots. A film appears under its name only when complete, so that a run cut off midway
    goes on where it was.

    Args:
        folder: made if it does not exist.
        seed: another one gives other films.
        num_train: number of films to train on.
        num_held_out: number of films to query with.
        workers: number of processes to render with.
        on_frames: called with the number of frames that are done and the number of all frames.

    Returns:
        The truth about each film, those to train on first.

    Raises:
        ValueError: if a number is negative, or there is no worker.
        EruvError: if scikit-image or scikit-learn is missing, or a film cannot be rendered.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    plans = plan_films(seed, num_train, num_held_out)
    require_photos()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [plan for plan in plans if not is_rendered(plan, folder / f"{plan.name}.mp4")]
    total = sum(plan.num_frames for plan in plans)
    done = total - sum(plan.num_frames for plan in missing)

    def report(frames: int) -> None:
        nonlocal done
        done += frames
        if on_frames:
            on_frames(done, total)

    report(0)
    options = [
        f"--folder={folder}",
        f"--seed={seed}",
        f"--num-train={num_train}",
        f"--num-held-out={num_held_out}",
    ]
    _render_apart([[*options, *share] for share in _share_out(missing, workers)], report)
    films = [plan.truth() for plan in plans]
    write_films(films, folder)
    return films


def _share_out(plans: Sequence[FilmPlan], workers: int) -> list[list[str]]:
    """Deal film names to workers, longest film first and to the one with the least to do."""
    shares: list[list[str]] = [[] for _ in range(min(workers, len(plans)))]
    loads = [0] * len(shares)
    for plan in sorted(plans, key=lambda plan: plan.num_frames, reverse=True):
        least = loads.index(min(loads))
        shares[least].append(plan.name)
        loads[least] += plan.num_frames
    return shares


@dataclass(frozen=True)
class _Worker:
    """A rendering process and the file that collects its complaints."""

    process: subprocess.Popen[str]
    errors: IO[str]

    @classmethod
    def start(cls, arguments: Sequence[str]) -> _Worker:
        errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        source = str(Path(__file__).resolve().parents[2])
        search = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(
            [sys.executable, "-m", "eruv.films.render", *arguments],
            env={**os.environ, "PYTHONPATH": search},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        return cls(process, errors)

    def follow(self, events: queue.Queue[int | _Worker]) -> None:
        """Pass on each number the process prints, then the worker itself when it is through."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            events.put(int(line))
        self.process.wait()
        events.put(self)

    def check(self) -> None:
        """Raise an EruvError if the process failed."""
        if self.process.returncode:
            self.errors.seek(0)
            raise EruvError(
                f"rendering the demo films failed with exit code {self.process.returncode}; "
                f"call again to go on with the rest: {self.errors.read().strip()}"
            )

    def stop(self) -> None:
        """End the process, whatever it is doing, and let go of what it held."""
        self.process.kill()
        self.process.wait()
        self.errors.close()


def _render_apart(calls: Sequence[Sequence[str]], report: Callable[[int], None]) -> None:
    """Run one worker for each call, side by side, and report the frames they finish."""
    events: queue.Queue[int | _Worker] = queue.Queue()
    workers: list[_Worker] = []
    try:
        for arguments in calls:
            workers.append(_Worker.start(arguments))
            threading.Thread(target=workers[-1].follow, args=(events,), daemon=True).start()
        running = len(workers)
        while running:
            event = events.get()
            if isinstance(event, _Worker):
                event.check()
                running -= 1
            else:
                report(event)
    finally:
        for worker in workers:
            worker.stop()
