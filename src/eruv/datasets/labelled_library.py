"""Ingest labelled files: paths on disk become labelled videos of a library."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eruv.datasets.labelled_files import LabelledFile, LabelledFiles
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.datasets.nearby import library_for
from eruv.datasets.opening import open_dataset
from eruv.datasets.problems import counted, first_few, problems_of
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.rows import Source
from eruv.utils.console import warn
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

# A file, and the row of the video that its bytes are, see eruv.library.rows.
Readable = tuple[LabelledFile, dict[str, Any]]


def label_library(files: LabelledFiles, to: Path, workers: int | None = None) -> LabelledVideos:
    """Ingest the files of a data set and label the videos.

    The library may hold other videos; videos that it has are not read again. Problems are printed
    on stderr, those of the files before the ingest begins.

    Args:
        files: of the data set.
        to: folder of the library, made if there is none.
        workers: parallel processes of the ingest; one per core by default.

    Returns:
        Whole videos, [0, num_frames), numbered in the order of the files.

    Raises:
        EruvError: as `eruv.library.ingest.ingest` does; or if none of the files could be read.
    """
    say_problems(files.problems)
    ingest([file.path for file in files.files], to, workers=workers)
    labelled = labelled_videos(files, Library(to))
    say_problems([one for one in labelled.problems if one not in files.problems])
    return labelled


def open_labelled(
    data: LabelledVideos | Path | str,
    library: Path | str | None,
    *,
    default: Path | str | None = None,
    near: Sequence[Path | str] = (),
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
    workers: int | None = None,
) -> LabelledVideos:
    """Labelled videos of a path, ingested where they are not yet; opened ones as they are.

    Args:
        data: a folder, a CSV file, or labelled videos that were opened before.
        library: folder of their library, made where there is none; None takes `default`, or a
            library that holds the videos already.
        default: folder of their library where none is named.
        near: folders of encoders, beside which such a library is looked for.
        format: ucf101, hmdb51, folders or csv; None recognises it.
        splits: folder of the official split files, where they are not in `data`.
        split: number of the official split.
        workers: parallel processes of the ingest; one per core by default.

    Raises:
        EruvError: as `open_dataset` and `label_library` do; or if opened ones come with a format
            or split.
    """
    if isinstance(data, LabelledVideos):
        if format is not None or splits is not None or split != 1:
            raise EruvError(
                f"{data.name} is open already: `format`, `splits` and `split` say how a path is "
                f"read. Leave them out, or pass the path."
            )
        return data
    files = open_dataset(data, format, splits, split)
    if not library:
        assert default is not None
        library = library_for(files, Path(default), near)
    return label_library(files, Path(library), workers)


def say_problems(problems: Sequence[str]) -> None:
    """Print problems on stderr."""
    for problem in problems:
        warn(f"dataset: {problem}")


def labelled_videos(files: LabelledFiles, library: Library) -> LabelledVideos:
    """The videos of files that were ingested.

    Raises:
        EruvError: if none of them could be read.
    """
    rows = {row["video_id"]: row for row in library.videos()}
    sources = library.sources()
    readable: list[Readable] = []
    unreadable: dict[Path, str] = {}
    for file in files.files:
        source = sources.get(Path(os.path.abspath(file.path)))
        row = rows.get(source.video_id) if source and not source.quarantined else None
        if row and row["num_frames"] > 0:
            readable.append((file, row))
        else:
            unreadable[file.path] = f"{printable(file.path)} ({_reason(source, row)})"
    if not readable:
        raise EruvError(
            f"none of the {counted(len(unreadable), 'file')} of {files.name} could be read: "
            f"{first_few(list(unreadable.values()))}."
        )
    problems = [
        *files.problems,
        *_unused(list(unreadable.values()), readable),
        *_same_bytes(readable),
        *problems_of(files.classes, [file for file, _ in readable]),
    ]
    return _numbered(files, library, readable, list(dict.fromkeys(problems)))


def _numbered(
    files: LabelledFiles, library: Library, readable: Sequence[Readable], problems: Sequence[str]
) -> LabelledVideos:
    # The order of the catalogue depends on which worker was faster.
    video_ids = tuple(dict.fromkeys(row["video_id"] for _, row in readable))
    numbers = {video_id: number for number, video_id in enumerate(video_ids)}
    videos = [
        (file.split, LabelledVideo(numbers[row["video_id"]], 0, row["num_frames"], file.label))
        for file, row in readable
    ]
    return LabelledVideos(
        name=files.name,
        library=library,
        video_ids=video_ids,
        classes=files.classes,
        train=tuple(video for split, video in videos if split == "train"),
        test=tuple(video for split, video in videos if split == "test"),
        problems=tuple(problems),
    )


def _reason(source: Source | None, row: dict[str, Any] | None) -> str:
    if source is not None and source.quarantined:
        return f"{source.reason}, {source.position}"
    return "it is not in the library" if row is None else "it has no frame"


def _unused(unreadable: Sequence[str], readable: Sequence[Readable]) -> Iterator[str]:
    """Problems: files that could not be read, or not completely."""
    if unreadable:
        count = counted(len(unreadable), "file")
        yield f"Not used: {count} that could not be read ({first_few(unreadable)})."
    damaged = {printable(file.path): None for file, row in readable if row["failed_packets"]}
    if damaged:
        count = counted(len(damaged), "file")
        yield f"Damaged: {count} ({first_few(list(damaged))}), used without the broken parts."


def _same_bytes(readable: Sequence[Readable]) -> Iterator[str]:
    """Problems: files of the same bytes under two labels or in both splits."""
    same: dict[str, list[LabelledFile]] = {}
    for file, row in readable:
        same.setdefault(row["video_id"], []).append(file)
    groups = [group for group in same.values() if len({file.path for file in group}) > 1]
    if labels := [group for group in groups if len({file.label for file in group}) > 1]:
        yield (
            f"{counted(len(labels), 'video has', 'videos have')} more than one label, by files of "
            f"the same bytes: {_files_of(labels)}."
        )
    if splits := [group for group in groups if len({file.split for file in group}) > 1]:
        yield (
            f"{counted(len(splits), 'video is', 'videos are')} in both splits, by files of the "
            f"same bytes, so that tests are too easy: {_files_of(splits)}."
        )


def _files_of(groups: Sequence[Sequence[LabelledFile]]) -> str:
    return first_few([" = ".join(printable(file.path) for file in group) for group in groups])
