"""Shots of a built-in film as files of their own, as trimmed data sets have them."""

import os
from pathlib import Path

import av

from eruv.films.truth import DemoFilm, DemoShot

# One thread and no macroblock tree: equal input gives equal bytes.
ENCODING = {"preset": "veryfast", "crf": "18", "x264-params": "mbtree=0"}


def cut_clips(films: Path, film: DemoFilm, to: Path) -> list[tuple[Path, DemoShot]]:
    """Write the shots of a film that are not there yet.

    Args:
        films: folder of the film.
        film: what is in it.
        to: folder of the clips; they go to a folder for each action in it.

    Returns:
        Each shot with its file, in order of time.
    """
    clips = [
        (to / shot.action / f"{film.name}-{number:02d}.mp4", shot)
        for number, shot in enumerate(film.shots, start=1)
    ]
    missing = [(path, shot) for path, shot in clips if not path.exists()]
    if missing:
        with av.open(str(films / f"{film.name}.mp4")) as source:
            frames = list(source.decode(video=0))
        for path, shot in missing:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(frames[shot.start : shot.end], film.fps, path)
    return clips


def _write(frames: list[av.VideoFrame], rate: int, path: Path) -> None:
    """Encode frames; the file appears only when it is complete."""
    partial = path.with_name(f"{path.name}.part")
    with av.open(str(partial), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        stream.options = dict(ENCODING)
        stream.thread_count = 1
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, 1 / stream.codec_context.framerate
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    os.replace(partial, path)
