"""`eruv.export`: an encoder or a library for other tools."""

import time
from dataclasses import dataclass
from pathlib import Path

from eruv.exports.annotations import export_fiftyone, export_label_studio
from eruv.exports.folder import ExportFolder
from eruv.exports.shards import export_shards
from eruv.exports.tables import export_tables
from eruv.library.catalogue import Library
from eruv.media.discovery import LIBRARY_FILE
from eruv.models.saving import CONFIG
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable
from eruv.utils.results import Result
from eruv.utils.storage.remote_path import is_remote, place

SUFFIXES = {"torch": ".pt2", "onnx": ".onnx"}  # of encoders
OF_LIBRARIES = ("parquet", "webdataset", "fiftyone", "label_studio")


@dataclass(frozen=True)
class ExportedFile(Result):
    """A file that was written.

    Attributes:
        path: of the file.
        rows: how many videos, shots, segments or moments it holds; None for an encoder.
        difference: the largest one to the encoder's own features, as a part of the largest of
            them; None for a library.
    """

    path: Path
    rows: int | None = None
    difference: float | None = None


@dataclass(frozen=True)
class ExportResult(Result):
    """What was written.

    Attributes:
        files: in the order of writing.
        seconds: of wall time.
    """

    files: list[ExportedFile]
    seconds: float


def export(
    source: Path | str,
    to: Path | str | None = None,
    *,
    torch: bool = False,
    onnx: bool = False,
    parquet: bool = False,
    webdataset: bool = False,
    fiftyone: bool = False,
    label_studio: bool = False,
) -> ExportResult:
    """Write an encoder, or what a library holds, in formats that other tools open.

    Args:
        source: a run's folder, or a library.
        to: folder for the files; None: that of the run, a library needs one.
        torch: encoder.pt2, a program of torch.export: runs without eruv.
        onnx: encoder.onnx, an extra.
        parquet: videos, shots, segments and moments with their vectors; a data set for `datasets`.
        webdataset: shards of the segments, as small films without audio.
        fiftyone: shots, segments and moments as temporal detections.
        label_studio: shots as predictions to correct.

    Raises:
        EruvError: if the source is neither, a format is of the other kind or its library missing,
            a file of others is in the way, or files cannot be written.
    """
    started = time.monotonic()
    chosen = {
        "torch": torch,
        "onnx": onnx,
        "parquet": parquet,
        "webdataset": webdataset,
        "fiftyone": fiftyone,
        "label_studio": label_studio,
    }
    source = place(source)
    if is_remote(source) and to is None:
        raise EruvError(f"exports must be local folders; {source} is not. Pass one as `to`.")
    formats = [name for name, one in chosen.items() if one]
    write = _library_files if _kind_of(source, formats) == "library" else _encoder_files
    if write is _library_files and to is None:
        raise EruvError("a library's files go to a folder of their own: pass it as `to`.")
    folder = ExportFolder(source if to is None else Path(to))
    files = write(source, folder, formats)
    return ExportResult(files, time.monotonic() - started)


def _kind_of(source: Path, formats: list[str]) -> str:
    """Library or encoder, whichever it is, if it has such formats."""
    kinds = {LIBRARY_FILE: ("library", OF_LIBRARIES), CONFIG: ("encoder", tuple(SUFFIXES))}
    found = [kind for name, kind in kinds.items() if (source / name).exists()]
    if not found:
        raise EruvError(
            f"{printable(source)} is neither the folder of a run, with {CONFIG}, nor a library, "
            f"with {LIBRARY_FILE}. eruv run VIDEOS --to DIR makes both: DIR/run-1 and DIR/library."
        )
    kind, allowed = found[0]
    if not formats or not set(formats) <= set(allowed):
        got = f"got {', '.join(formats)}" if formats else "none was named"
        raise EruvError(
            f"{printable(source)} is {'a' if kind == 'library' else 'an'} {kind}, whose formats "
            f"are {', '.join(allowed)}; {got}."
        )
    return kind


def _encoder_files(run: Path, folder: ExportFolder, formats: list[str]) -> list[ExportedFile]:
    from eruv.exports.encoder_files import export_encoder
    from eruv.models.encoder import load

    encoder = load(run)
    facts = {
        "frame_height": encoder.size.height,
        "frame_width": encoder.size.width,
        "crop": encoder.size.crop,
        "input": "uint8 RGB clips (B, 16, crop, crop, 3)",
        "output": f"features (B, {encoder.num_features})",
    }
    made = [
        export_encoder(encoder, folder.path(f"encoder{SUFFIXES[name]}"), facts) for name in formats
    ]
    return [ExportedFile(one.path, difference=one.difference) for one in made]


def _library_files(source: Path, to: ExportFolder, formats: list[str]) -> list[ExportedFile]:
    library = Library(source)
    paths = library.paths()
    names = {
        video_id: printable(Path(paths[video_id][0].name)) if video_id in paths else ""
        for video_id in library.video_ids()
    }
    writers = {
        "parquet": lambda: export_tables(library, to, names),
        "webdataset": lambda: export_shards(library, to, names),
        "fiftyone": lambda: export_fiftyone(library, to, paths),
        "label_studio": lambda: export_label_studio(library, to, paths),
    }
    written = [writers[name]() for name in formats]
    return [ExportedFile(path, rows) for files in written for path, rows in files.items()]
