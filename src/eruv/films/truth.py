"""The ground truth of the films, and films.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eruv.utils.atomic import replace_text
from eruv.utils.errors import EruvError

TRUTH_FILE = "films.json"


@dataclass(frozen=True)
class DemoShot:
    """One shot of a film.

    Attributes:
        start: first frame in which this shot alone is seen.
        end: the frame after the last such frame; frames of a dissolve belong to no shot.
        action: what the figure does, a key of `actions.ACTIONS`.
        background: the photograph.
        figure: the cloths that the figure wears.
        camera: how the camera moves, one of `camera.CAMERAS`.
        speed: pace of the action; 1 is its natural pace.
    """

    start: int
    end: int
    action: str
    background: str
    figure: str
    camera: str
    speed: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a shot needs 0 <= start < end, got {self.start} and {self.end}")


@dataclass(frozen=True)
class DemoFilm:
    """One film and its ground truth.

    Attributes:
        name: file name without its ending.
        split: "train" or "held_out".
        fps: frames per second.
        num_frames: number of frames.
        shots: in order of time.
        cuts: first frames of the shots that begin with a hard cut.
        dissolves: half-open ranges of frames in which two shots are mixed.
    """

    name: str
    split: str
    fps: int
    num_frames: int
    shots: tuple[DemoShot, ...]
    cuts: tuple[int, ...]
    dissolves: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.shots or self.shots[0].start != 0 or self.shots[-1].end != self.num_frames:
            raise ValueError(f"the shots of {self.name} do not span its {self.num_frames} frames")


def write_films(films: list[DemoFilm], folder: Path) -> Path:
    """Write films.json into a folder, whole or not at all, and return its path."""
    path = folder / TRUTH_FILE
    replace_text(path, json.dumps([asdict(film) for film in films], indent=1))
    return path


def read_films(folder: Path) -> list[DemoFilm]:
    """Read what `write_films` wrote.

    Raises:
        EruvError: if the folder holds no readable films.json.
    """
    path = Path(folder) / TRUTH_FILE
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
        return [_film(record) for record in records]
    except FileNotFoundError:
        raise EruvError(f"{path} does not exist: render the films first") from None
    except (ValueError, KeyError, TypeError) as error:
        raise EruvError(
            f"{path} is damaged ({error}): delete it and render the demo films again"
        ) from error


def _film(record: dict[str, Any]) -> DemoFilm:
    shots = tuple(DemoShot(**shot) for shot in record["shots"])
    dissolves = tuple((start, end) for start, end in record["dissolves"])
    lists = {"shots": shots, "cuts": tuple(record["cuts"]), "dissolves": dissolves}
    return DemoFilm(**{**record, **lists})
