"""`eruv attention`: where encoders look in any video."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.figures.attention_figure import TimeSpan, attention_figure
from eruv.models.encoder import Encoder, load
from eruv.utils.errors import EruvError
from eruv.utils.paths import Paths, paths_of, printable
from eruv.utils.results import Result


@dataclass(frozen=True)
class DrawnEncoder:
    """An encoder in the figure: the title of its columns, and its folder."""

    title: str
    run: Path


@dataclass(frozen=True)
class AttentionFiles(Result):
    """What was drawn of which encoders, and where it was written."""

    video: Path
    encoders: tuple[DrawnEncoder, ...]
    files: tuple[Path, ...]


def attention(
    runs: Paths,
    video: Path | str,
    to: Path | str = ".",
    *,
    start_s: float = 0.0,
    end_s: float | None = None,
    film: bool = True,
    threads: int = 0,
    device: str = "auto",
) -> AttentionFiles:
    """Draw where the encoders of some runs look in a video (Fig. 6).

    Args:
        runs: folders of runs, or of any encoders; they stand side by side.
        video: any video file.
        to: folder for VIDEO.attention.png, .svg and .mp4.
        start_s, end_s: part of the video, in seconds after its first frame; None is its end.
        film: whether to write the mp4 too.
        threads: decoding threads; 0 takes one per core.
        device: auto, cpu or cuda.

    Raises:
        EruvError: if there is no such encoder, or the video cannot be read.
    """
    video, folders = Path(video), paths_of(runs)
    if not video.is_file():
        raise EruvError(
            f"{printable(video)} is not a file. Pass runs first and the video last: "
            f"eruv attention RUN... VIDEO"
        )
    if not folders:
        raise EruvError("no run was named. Pass runs first and the video last.")
    if threads < 0:
        raise EruvError(f"`threads` must be at least 0 (one per core); got {threads}.")
    span = TimeSpan(start_s, end_s)
    loaded = [load(folder) for folder in folders]
    titles = titles_of(folders, loaded)
    files = attention_figure(
        dict(zip(titles, loaded, strict=True)),
        video,
        to,
        name=f"{video.stem}.attention",
        span=span,
        film=film,
        threads=threads,
        device=device,
    )
    encoders = map(DrawnEncoder, titles, folders)
    return AttentionFiles(video, tuple(encoders), tuple(files))


def titles_of(folders: Sequence[Path], encoders: Sequence[Encoder]) -> list[str]:
    """The backbone where it tells encoders apart, else the name of the run's folder as well."""
    titles = [encoder.backbone.title for encoder in encoders]
    if len(set(titles)) < len(titles):
        names = [printable(Path(folder.resolve().name)) for folder in folders]
        titles = [f"{name} ({title})" for name, title in zip(names, titles, strict=True)]
    counts = Counter(titles)
    return [
        title if counts[title] == 1 else f"{number} {title}"
        for number, title in enumerate(titles, start=1)
    ]
