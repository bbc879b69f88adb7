"""Write films as H.264 files that carry the fingerprint of their plan."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image

from eruv.films.photos import HEIGHT, WIDTH
from eruv.films.plan import FilmPlan
from eruv.utils.atomic import whole_file

# The bytes of x264 depend on its number of threads and, with AVX-512, on uninitialised memory that
# its macroblock tree reads; so there is one thread and no tree.
_ENCODING: dict[str, object] = {"preset": "veryfast", "crf": "23", "x264-params": "mbtree=0"}


# Stands for the code that renders. Change it whenever a plan gives other pictures: films of another
# renderer are rendered again. Every film carries it, so another name also gives other files.
RENDERER = "673d25ea9a043817e7388e713cff41e8a2fb6dde7601c1a8e8af7766693c2774"


def fingerprint(plan: FilmPlan) -> str:
    """Digest of everything a film is made from: its plan and the renderer."""
    return hashlib.sha256(f"{plan!r}{RENDERER}".encode()).hexdigest()


def is_rendered(plan: FilmPlan, path: Path) -> bool:
    """Whether a file holds exactly this film."""
    try:
        with av.open(str(path)) as container:
            return container.metadata.get("comment") == fingerprint(plan)
    except (OSError, av.FFmpegError):
        return False


def write_film(plan: FilmPlan, pictures: Iterable[Image.Image], path: Path) -> None:
    """Encode RGB pictures of 320 x 240 pixels.

    Args:
        plan: of the film; its fingerprint is stored in the file.
        pictures: one for each frame.
        path: the mp4 file; it appears when it is complete.
    """
    reformatter = VideoReformatter()
    with whole_file(path) as partial, av.open(str(partial), "w", format="mp4") as container:
        container.metadata["comment"] = fingerprint(plan)
        stream = container.add_stream("libx264", rate=plan.fps)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = dict(_ENCODING)
        stream.thread_count = 1
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            planes = reformatter.reformat(frame, format="yuv420p", interpolation=Interpolation.AREA)
            container.mux(stream.encode(planes))
        container.mux(stream.encode(None))
