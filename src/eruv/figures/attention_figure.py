"""Fig. 6: frames of a video beside the attention of the backbones; and the same as a film."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from eruv.evaluation.features import on_device
from eruv.figures.attention_film import attention_film
from eruv.figures.attention_maps import (
    STAGES,
    AttentionFrame,
    FrameSample,
    attention_frames,
    box_of,
    shown_frames,
)
from eruv.figures.drawing import COLOURS, Picture, figure_style, overlaid, save_figure
from eruv.media.damage import UnreadableVideo
from eruv.media.video import VideoSource
from eruv.models.encoder import Encoder
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

FRAMES = 5
PICTURE_INCHES = 1.25  # wide
TOP_INCHES, BOTTOM_INCHES = 0.38, 0.24  # for text
LEAST_INCHES = 4.4  # for the text below the pictures


@dataclass(frozen=True)
class TimeSpan:
    """Part of a video, in seconds after its first frame; None is its end."""

    start_s: float = 0.0
    end_s: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < (float("inf") if self.end_s is None else self.end_s):
            raise EruvError(
                f"`start_s` must be at least 0 and before `end_s`; got {self.start_s} and "
                f"{self.end_s}."
            )

    def seconds(self, video_s: float | None) -> float | None:
        """How long it is in a video of this length, as far as that is known."""
        ends = [end for end in (self.end_s, video_s) if end is not None]
        return max(0.0, min(ends) - self.start_s) if ends else None


def attention_figure(
    encoders: Mapping[str, Encoder],
    video: Path | str,
    to: Path | str,
    *,
    name: str = "attention",
    span: TimeSpan | None = None,
    stages: Sequence[int] = STAGES,
    film: bool = True,
    threads: int = 0,
    device: str = "auto",
) -> list[Path]:
    """Show where encoders look in a video (Fig. 6).

    The figure has five frames, evenly spread, in its rows; its columns are the frame and, for
    each stage, the attention of each encoder. Every frame is seen within its clip of 16.

    Args:
        encoders: by the title that their columns get.
        video: any video file.
        to: folder, made where there is none.
        name: of the files, without suffix.
        span: part of the video to look at; None is all of it.
        stages: of the backbones, from 1 (conv1) to 5 (conv5).
        film: whether to write the mp4 too.
        threads: decoding threads; 0 takes one per core.
        device: auto, cpu or cuda.

    Returns:
        Paths of what was written.

    Raises:
        EruvError: if the video cannot be read, or has no frame there.
    """
    video, to, span = Path(video), Path(to), span or TimeSpan()
    encoders = {title: on_device(encoder, device) for title, encoder in encoders.items()}
    to.mkdir(parents=True, exist_ok=True)
    written = [to / f"{name}.mp4"] if film else []
    try:
        sample = _attention_sample(video, span, threads, encoders, stages, written)
    except UnreadableVideo as error:
        raise EruvError(f"{printable(video)} cannot be read: {error}") from error
    with figure_style():
        figure = drawn_figure(sample, encoders, stages)
    return [*written, *save_figure(figure, to, name)]


def _attention_sample(
    video: Path,
    span: TimeSpan,
    threads: int,
    encoders: Mapping[str, Encoder],
    stages: Sequence[int],
    films: Sequence[Path],
) -> list[AttentionFrame]:
    """The frames of the figure; all frames go into the film, if there is one."""
    with VideoSource(video) as source:
        rate, seconds = source.rate, span.seconds(source.stated_duration_s)
    frames = shown_frames(video, start_s=span.start_s, end_s=span.end_s, threads=threads)
    sizes = {title: encoder.size for title, encoder in encoders.items()}
    sample = FrameSample(FRAMES)
    film = attention_film(films[0], sizes, stages, rate) if films else nullcontext()
    with film as writer, Progress("attention", seconds) as progress:
        for frame in attention_frames(frames, encoders, stages):
            sample.add(frame)
            if writer is not None:
                writer.write(frame)
            progress.update(frame.frame.time_s - span.start_s)
        if not sample.seen:
            raise EruvError(
                f"{printable(video)} has no frame from second {span.start_s:g} on. Lower `start_s`."
            )
    return sample.chosen()


def drawn_figure(
    frames: Sequence[AttentionFrame], encoders: Mapping[str, Encoder], stages: Sequence[int]
) -> Figure:
    """The figure: a row for each frame; a block of columns for each stage."""
    rows, columns = len(frames), 1 + len(stages) * len(encoders)
    height, width = frames[0].frame.picture.shape[:2]
    pictures = rows * PICTURE_INCHES * height / width
    inches = max(LEAST_INCHES, columns * PICTURE_INCHES), TOP_INCHES + pictures + BOTTOM_INCHES
    figure = Figure(figsize=inches)
    axes = figure.subplots(rows, columns, squeeze=False)
    top, bottom = 1 - TOP_INCHES / inches[1], BOTTOM_INCHES / inches[1]
    figure.subplots_adjust(0.25 / inches[0], bottom, 0.995, top, wspace=0.03, hspace=0.03)
    for row, frame in enumerate(frames):
        shown = [("frame", frame.frame.picture), *_overlays(frame, encoders, stages)]
        for axis, (title, picture) in zip(axes[row], shown, strict=True):
            axis.imshow(picture, interpolation="nearest", aspect="auto")
            axis.set_xticks([])
            axis.set_yticks([])
            if row == 0:
                axis.set_title(title, pad=3, size=_title_size(title))
        axes[row, 0].set_ylabel(f"{frame.frame.time_s:.1f} s", labelpad=3)
    for number, stage in enumerate(stages):
        block = axes[0, 1 + number * len(encoders) : 1 + (number + 1) * len(encoders)]
        left, right = block[0].get_position().x0, block[-1].get_position().x1
        words = f"attention in conv{stage}"
        figure.text((left + right) / 2, 1 - 0.05 / inches[1], words, ha="center", va="top")
    _add_colour_bar(figure, inches)
    return figure


def _title_size(title: str) -> float:
    """Points, so that a title is no wider than its picture: a letter is about 0.62 as wide."""
    return min(9.0, PICTURE_INCHES * 72 / (0.62 * max(1, len(title))))


def _add_colour_bar(figure: Figure, inches: tuple[float, float]) -> None:
    """What the colours mean, below the pictures."""
    left, width = 0.25 / inches[0], 0.9 / inches[0]
    middle = 0.5 * BOTTOM_INCHES / inches[1]
    bar = figure.add_axes(
        (left + 0.38 / inches[0], middle - 0.04 / inches[1], width, 0.08 / inches[1])
    )
    bar.imshow(COLOURS[None].astype(int), aspect="auto")
    bar.set_axis_off()
    words = "greatest of a clip; dark: not seen by the encoder"
    for place, text in ((left, "least"), (left + width + 0.45 / inches[0], words)):
        figure.text(place, middle, text, size=7, color="#5d6779", va="center")


def _overlays(
    frame: AttentionFrame, encoders: Mapping[str, Encoder], stages: Sequence[int]
) -> list[tuple[str, Picture]]:
    picture = frame.frame.picture
    return [
        (title, overlaid(picture, frame.heats[title, stage], box_of(encoder.size, picture.shape)))
        for stage in stages
        for title, encoder in encoders.items()
    ]
