"""All passes over all films, in turns, each measured once and kept."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shot_detectors import Pass, Reading, reading_from_json, reading_to_json
from shot_worker import measure


@dataclass(frozen=True)
class Taken:
    """A reading of one film.

    Attributes:
        reading: of the pass.
        peak_bytes: of the process, which read the other films of the group too.
    """

    reading: Reading
    peak_bytes: int


def _version(one: Pass) -> str:
    """What tells one state of a detector of ours from the next; the others are pinned."""
    if one.tool != "eruv":
        return ""
    import eruv.detection
    from eruv.detection.detectors import DETECTORS

    folder = Path(eruv.detection.__path__[0])
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".npz", ".json"))
    code = zlib.crc32(b"".join(path.read_bytes() for path in files))
    return f"-v{DETECTORS[one.detector].version}-{code:08x}"


def read_films(
    passes: Sequence[Pass],
    groups: Sequence[Sequence[Path]],
    folder: Path,
    wanted: Callable[[Pass, Path], bool] = lambda one, path: True,
    on_done: Callable[[str], None] = lambda text: None,
) -> Mapping[tuple[str, str], Taken]:
    """Run every pass over every group of films, group by group, a fresh process each.

    Args:
        passes: taken in turns, so that a slow moment of the machine meets all.
        groups: of films.
        folder: where readings are kept.
        wanted: whether a pass reads a film.
        on_done: told what was measured.

    Returns:
        By name of pass and of film.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken: dict[tuple[str, str], Taken] = {}
    for group in groups:
        for one in passes:
            files = {
                path: folder / f"{one.name}{_version(one)}-{path.stem}.json".replace(" ", "_")
                for path in group
                if wanted(one, path)
            }
            missing = [path for path, file in files.items() if not file.is_file()]
            if missing:
                measured = measure(one, missing)
                for path, reading in zip(missing, measured.readings, strict=True):
                    stored = {**reading_to_json(reading), "peak_bytes": measured.peak_bytes}
                    files[path].write_text(json.dumps(stored))
                frames = sum(reading.num_frames for reading in measured.readings)
                seconds = sum(reading.seconds for reading in measured.readings)
                on_done(f"{one.name}: {len(missing)} films, {frames / seconds:.0f} frames/s")
            for path, file in files.items():
                stored = json.loads(file.read_text())
                taken[one.name, path.name] = Taken(reading_from_json(stored), stored["peak_bytes"])
    return taken
