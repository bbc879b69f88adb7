"""Render films to H.264 files; as a program, some of a plan, printing finished frames."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image

from eruv.films.photos import HEIGHT, WIDTH
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.stage import Stage
from eruv.utils.atomic import whole_file

# The bytes of x264 depend on its number of threads and, with AVX-512, on uninitialised memory that
# its macroblock tree reads; so there is one thread and no tree.
_ENCODING = {"preset": "veryfast", "x264-params": "mbtree=0"}
_REPORT_EVERY = 100

# Stands for the code that renders. Change it whenever a plan gives other pictures: films of another
# renderer are rendered again. Every film carries it, so another name also gives other files.
RENDERER = "673d25ea9a043817e7388e713cff41e8a2fb6dde7601c1a8e8af7766693c2774"


def fingerprint(plan: FilmPlan) -> str:
    """Digest of everything a film is made from: its plan and the renderer."""
    bystanders = [shot.bystanders for shot in plan.shots if shot.bystanders]
    made_of = f"{plan!r}{bystanders or ''}{RENDERER}"
    return hashlib.sha256(made_of.encode()).hexdigest()


def is_rendered(plan: FilmPlan, path: Path) -> bool:
    """Whether a file holds exactly this film."""
    try:
        with av.open(str(path)) as container:
            return container.metadata.get("comment") == fingerprint(plan)
    except (OSError, av.FFmpegError):
        return False


def render_film(
    plan: FilmPlan, path: Path, on_frames: Callable[[int], None] = lambda count: None
) -> None:
    """Render one film of 320 x 240 pixels; the same plan gives the same bytes.

    Args:
        plan: what to render; its fingerprint is stored in the file.
        path: of the mp4 file; it appears when it is complete.
        on_frames: called now and then with the number of frames finished since the last call.

    Raises:
        EruvError: if a photograph is missing, see `photos.load_photo`.
    """
    reformatter = VideoReformatter()
    waiting = 0
    with h264_film(path, WIDTH, HEIGHT, plan.fps, crf=23, comment=fingerprint(plan)) as write:
        for picture in _pictures(plan):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            planes = reformatter.reformat(frame, format="yuv420p", interpolation=Interpolation.AREA)
            write(planes)
            waiting += 1
            if waiting == _REPORT_EVERY:
                on_frames(waiting)
                waiting = 0
        on_frames(waiting)


@contextmanager
def h264_film(
    path: Path, width: int, height: int, rate: int, *, crf: int, comment: str = ""
) -> Iterator[Callable[[av.VideoFrame], None]]:
    """A function that encodes one frame after another; equal frames give equal bytes.

    The mp4 file appears when it is complete.
    """
    with whole_file(path) as partial, av.open(str(partial), "w", format="mp4") as container:
        if comment:
            container.metadata["comment"] = comment
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {**_ENCODING, "crf": str(crf)}
        stream.thread_count = 1
        yield lambda frame: container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


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
    """Render films into a folder: FOLDER SEED NUM_TRAIN NUM_HELD_OUT BYSTANDERS NAME..."""
    folder, *numbers = sys.argv[1:6]
    names = sys.argv[6:]
    for plan in plan_films(*map(int, numbers)):
        if plan.name in names:
            path = Path(folder, f"{plan.name}.mp4")
            # One write a line, also unbuffered: lines of several processes must not mix.
            render_film(plan, path, lambda n: print(f"{n}\n", end="", flush=True))


if __name__ == "__main__":
    main()
