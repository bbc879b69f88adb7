"""Render films; as a program, those named on the command line, printing finished frames."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from eruv.films.film_file import write_film
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.stage import Stage

_REPORT_EVERY = 100


def render_film(plan: FilmPlan, path: Path, on_frames: Callable[[int], None] | None = None) -> None:
    """Render one film; the same plan gives the same bytes.

    Args:
        plan: what to render.
        path: of the mp4 file; it appears when it is complete.
        on_frames: called now and then with the number of frames finished since the last call.

    Raises:
        EruvError: if a photograph is missing, see `photos.load_photo`.
    """
    pictures = _pictures(plan)
    write_film(plan, _counted(pictures, on_frames) if on_frames else pictures, path)


def _counted(
    pictures: Iterator[Image.Image], on_frames: Callable[[int], None]
) -> Iterator[Image.Image]:
    """The same pictures, reported in batches."""
    waiting = 0
    for picture in pictures:
        yield picture
        waiting += 1
        if waiting == _REPORT_EVERY:
            on_frames(waiting)
            waiting = 0
    on_frames(waiting)


def _pictures(plan: FilmPlan) -> Iterator[Image.Image]:
    stops = [*(shot.start for shot in plan.shots[1:]), plan.num_frames]
    before: Stage | None = None
    reached = 0
    for shot, stop in zip(plan.shots, stops, strict=True):
        stage = Stage(plan, shot, reached, stop)
        if before is not None:
            yield from _dissolve(before, stage, reached, shot.start)
        for frame in range(shot.start, shot.end):
            yield stage.picture(frame)
        before, reached = stage, shot.end


def _dissolve(before: Stage, after: Stage, start: int, end: int) -> Iterator[Image.Image]:
    """Mix two shots over the frames [start, end)."""
    for frame in range(start, end):
        share = (frame + 1 - start) / (end + 1 - start)
        yield Image.blend(before.picture(frame), after.picture(frame), share)


def main() -> None:
    """Render the films named on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--num-train", type=int, required=True)
    parser.add_argument("--num-held-out", type=int, required=True)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    plans = plan_films(options.seed, options.num_train, options.num_held_out)
    for plan in plans:
        if plan.name in options.names:
            render_film(plan, options.folder / f"{plan.name}.mp4", lambda n: print(n, flush=True))


if __name__ == "__main__":
    main()
