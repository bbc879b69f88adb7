"""A video with the attention of several encoders side by side, as H.264 in mp4."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer

from eruv.clips.spec import ClipSize
from eruv.figures.attention_maps import AttentionFrame, box_of
from eruv.figures.drawing import Picture, overlaid, text_picture
from eruv.utils.atomic import whole_file

BANNER = 18  # rows of pixels for the words above a picture
GAP = 2
BACKGROUND = (17, 20, 26)
TIME_BASE = Fraction(1, 90_000)


@contextmanager
def attention_film(
    path: Path, sizes: Mapping[str, ClipSize], stages: Sequence[int], rate: Fraction
) -> Iterator["AttentionFilm"]:
    """A film to append frames to, at least one; it has its name only when it is complete.

    Args:
        path: of the file.
        sizes: what the encoders see, by the titles above their columns.
        stages: one row for each.
        rate: of the source, for players; frames are shown at their own times.
    """
    with whole_file(path) as partial, av.open(str(partial), "w", format="mp4") as container:
        film = AttentionFilm(container, sizes, stages, rate.limit_denominator(1001))
        yield film
        if film.stream is not None:
            container.mux(film.stream.encode(None))


@dataclass
class AttentionFilm:
    """Writes frames one after another; see `attention_film`."""

    container: OutputContainer
    sizes: Mapping[str, ClipSize]
    stages: Sequence[int]
    rate: Fraction
    stream: av.VideoStream | None = None
    first_s: float = 0.0
    last_tick: int = -1

    def write(self, frame: AttentionFrame) -> None:
        """Append a frame."""
        page = self._drawn(frame)
        if self.stream is None:
            self.first_s = frame.frame.time_s
            self.stream = self._stream(page.shape[0], page.shape[1])
        shown = av.VideoFrame.from_ndarray(page, format="rgb24")
        tick = round((frame.frame.time_s - self.first_s) / TIME_BASE)
        self.last_tick = shown.pts = max(tick, self.last_tick + 1)
        shown.time_base = TIME_BASE
        self.container.mux(self.stream.encode(shown))

    def _stream(self, height: int, width: int) -> av.VideoStream:
        stream = self.container.add_stream("libx264", rate=self.rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = TIME_BASE
        # Macroblock-tree rate control gives other bytes from run to run on some processors.
        stream.codec_context.options = {
            "preset": "medium", "crf": "18", "x264-params": "mbtree=0", "bf": "0",
        }  # fmt: skip
        return stream

    def _drawn(self, frame: AttentionFrame) -> Picture:
        """A row for each stage; the sides of the page are even, which H.264 needs."""
        picture = frame.frame.picture
        height, width = picture.shape[:2]
        rows = len(self.stages) * (BANNER + height + GAP)
        columns = (1 + len(self.sizes)) * (width + GAP)
        page = np.empty((rows + rows % 2, columns + columns % 2, 3), np.uint8)
        page[:] = BACKGROUND
        for row, stage in enumerate(self.stages):
            shown = {"video": picture}
            for title, size in self.sizes.items():
                box = box_of(size, picture.shape)
                heat = frame.heats[title, stage]
                shown[f"{title}, conv{stage}"] = overlaid(picture, heat, box)
            top = row * (BANNER + height + GAP)
            for column, (words, part) in enumerate(shown.items()):
                left = column * (width + GAP)
                page[top : top + BANNER, left : left + width] = _banner(words, width)
                page[top + BANNER : top + BANNER + height, left : left + width] = part
        return page


@cache  # the words are the same in every frame, and drawing them takes long
def _banner(words: str, width: int) -> Picture:
    return text_picture(words, BANNER, width)
