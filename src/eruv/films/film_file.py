"""H.264 files of the demo films: pictures come in, an mp4 that knows its own recipe goes out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image

from eruv.films.photos import HEIGHT, WIDTH
from eruv.films.plan import FilmPlan

# The bytes that x264 writes depend on its number of threads and, where it uses AVX-512, on what
# was in memory before: its macroblock tree reads some of that and has to stay out.
_ENCODING: dict[str, object] = {"preset": "veryfast", "crf": "23", "x264-params": "mbtree=0"}


def fingerprint(plan: FilmPlan) -> str:
    """Digest of everything a film is made from: its plan and the code that renders it."""
    return hashlib.sha256(f"{plan!r}{_code_digest()}".encode()).hexdigest()


@cache
def _code_digest() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


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
        plan: the film they are; its fingerprint is stored in the file.
        pictures: one for each frame.
        path: the mp4 file; it appears only when it is complete.
    """
    partial = path.with_name(f"{path.name}.partial")
    reformatter = VideoReformatter()
    try:
        with av.open(str(partial), "w", format="mp4") as container:
            container.metadata["comment"] = fingerprint(plan)
            stream = container.add_stream("libx264", rate=plan.fps)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            stream.options = dict(_ENCODING)
            stream.thread_count = 1
            for picture in pictures:
                frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
                planes = reformatter.reformat(
                    frame, format="yuv420p", interpolation=Interpolation.AREA
                )
                container.mux(stream.encode(planes))
            container.mux(stream.encode(None))
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
