"""Films joined from short clips, to pre-train on where a data set has nothing longer.

Clips next to each other in the order of their names are joined: they are often cut from one source,
which gives "same video, other shot" something to learn. Every film has clips of all classes: films
of one class would reveal labels to a pretext task. The boundaries of clips are the shots.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from eruv.clips.spec import CLIP_FRAMES
from eruv.datasets.labelled_files import LabelledFile
from eruv.datasets.problems import counted
from eruv.detection.segments import SegmentSettings, cut_segments
from eruv.library.catalogue import Library
from eruv.library.rows import FileStamp
from eruv.library.rows import Source as VideoFile
from eruv.library.video_pass import EditedVideo, EditingSettings, video_id_of
from eruv.media.damage import UnreadableVideo
from eruv.media.orientation import orientation_of_frame
from eruv.media.proxy import ProxyWriter
from eruv.media.scaling import Plane, Scaler
from eruv.media.video import VideoSource
from eruv.pretext import TASKS
from eruv.reproduction.sources import LIBRARY, LabelledSource, UnlabelledSource
from eruv.utils.console import say, with_progress

CLIPS_PER_FILM = 8
RATE = Fraction(25)  # for players; positions do not depend on it


def joined_films(clips: LabelledSource, files: Path) -> UnlabelledSource:
    """The training list of a labelled set in its folder, joined into films."""

    def fill(folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        # Every clip that is long enough for a sample is a segment.
        cut = replace(settings or EditingSettings(), segments=SegmentSettings(minimum=CLIP_FRAMES))
        joined = join_films(mixed_classes(clips.training_files(files)), folder / LIBRARY, cut)
        return (account(joined, {name: task.shortest_frames for name, task in TASKS.items()}),)

    return UnlabelledSource(
        title=f"films joined from the training list of split 1: {clips.title}",
        identity={"joined": {"training list": clips.identity}},
        fill=fill,
    )


def join_films(clips: Sequence[Path], to: Path, settings: EditingSettings | None = None) -> Library:
    """Make a library of films joined from clips; films that it holds are not made again.

    Clips that cannot be read are dropped, with a line on stderr.

    Args:
        clips: in the order in which they are joined.
        to: folder of the library.
        settings: of segments and proxies; None for the defaults.
    """
    library = Library.open_or_create(to, settings)
    known = set(library.video_ids())
    size = CLIPS_PER_FILM
    films = [clips[start : start + size] for start in range(0, len(clips), size)]
    for number, parts in enumerate(with_progress(films, "joining", len(films), "films"), start=1):
        film_id = _film_id(parts)
        if film_id not in known:
            film = _join(parts, film_id, library)
            # There is no such file: its name is what people see of the film.
            file = VideoFile(to / f"joined-{number:03d}", FileStamp(0, 0, 0), film_id)
            if film is not None:
                library.commit([(film, file)], [])
    library.compact()
    return library


def mixed_classes(files: Sequence[LabelledFile]) -> list[Path]:
    """Paths in an order that has every class everywhere; neighbours of a class stay neighbours."""
    of_class: dict[str, list[Path]] = {}
    for file in files:
        of_class.setdefault(file.label, []).append(file.path)
    placed = [
        ((number + 0.5) / len(paths), label, path)
        for label, paths in of_class.items()
        for number, path in enumerate(paths)
    ]
    return [path for _, _, path in sorted(placed)]


def account(library: Library, needs: dict[str, int]) -> str:
    """What joined films offer to pretext tasks, as a sentence.

    Args:
        library: made by `join_films`.
        needs: by task, the frames that a sample needs within one shot.
    """
    lengths = [row["end"] - row["start"] for row in library.segments().to_pylist()]
    films = len(library.video_ids())
    parts = [
        f"{sum(length >= frames for length in lengths):,} allow {name} ({frames} frames)"
        for name, frames in needs.items()
    ]
    return (
        f"{counted(films, 'film')} joined from training clips that lie beside each other in their "
        f"classes, every film with clips of all classes, boundaries kept as shots: "
        f"{counted(len(lengths), 'segment')}, of which {', '.join(parts)}."
    )


def _film_id(parts: Sequence[Path]) -> str:
    """A digest of the bytes of all clips."""
    return hashlib.sha256("".join(map(video_id_of, parts)).encode()).hexdigest()


def _join(parts: Sequence[Path], film_id: str, library: Library) -> EditedVideo | None:
    """Write the proxy of a film; None where none of its clips can be read."""
    settings = library.settings
    shots: list[tuple[int, int]] = []
    with ProxyWriter(library.proxy_path(film_id), settings.proxy, RATE) as proxy:
        for path in parts:
            first = proxy.num_frames
            try:
                for planes in _planes(path, settings):
                    proxy.write(planes)
            except UnreadableVideo as error:
                say(f"joining: {path.name} ends before its time: {error}")
            if proxy.num_frames > first:
                shots.append((first, proxy.num_frames))
        frames = proxy.num_frames
    if not frames:
        library.proxy_path(film_id).unlink()
        return None
    segments = cut_segments(shots, settings.segments)
    return EditedVideo(
        video_id=film_id,
        width=settings.proxy.width,
        height=settings.proxy.height,
        frames_per_second=float(RATE),
        num_frames=frames,
        start_s=0.0,
        end_s=float(frames / RATE),
        shots=shots,
        shots_s=[(float(start / RATE), float(end / RATE)) for start, end in shots],
        segments=segments,
        segments_s=[(float(one.start / RATE), float(one.end / RATE)) for one in segments],
        packets=frames,
        failed_packets=0,
        lost_s=0.0,
        first_failure="",
    )


def _planes(path: Path, settings: EditingSettings) -> Iterator[list[Plane]]:
    """Frames of a clip at the size of proxies."""
    scaler = Scaler(settings.proxy.height, settings.proxy.width, "yuv420p")
    with VideoSource(path) as source:
        for frame in source.frames():
            yield scaler.planes(frame.picture, orientation_of_frame(frame.picture))
