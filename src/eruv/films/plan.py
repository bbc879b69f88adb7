"""Plan the films from a seed: their shots, places, figures and cuts."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eruv.films.actions import ACTIONS
from eruv.films.camera import CAMERAS
from eruv.films.figure import Look
from eruv.films.looks import draw_grade, draw_look, draw_places
from eruv.films.photos import Grade, Place
from eruv.films.truth import DemoFilm, DemoShot

SPLITS = ("train", "held_out")
FRAME_RATES = (24, 25, 30)
SHOTS_PER_FILM = (8, 10)
SHOT_SECONDS = (2.54, 3.0)
LONG_TAKE_SHARE = 0.2
LONG_TAKE_FRAMES = (350, 420)
DISSOLVE_SHARE = 0.12
DISSOLVE_FRAMES = (8, 20)
SAME_PLACE_SHARE = 0.2
SPEEDS = (0.75, 1.35)


@dataclass(frozen=True)
class ShotPlan:
    """One shot before it is rendered.

    Attributes:
        start: first frame in which this shot alone is seen.
        end: the frame after the last such frame.
        action: key of `ACTIONS`.
        speed: pace of the action.
        camera: one of `CAMERAS`.
        place: position in the film's places.
        figure: position in the film's looks.
        close: whether place and figure are seen from near.
        height: body height as a share of the picture's height.
        offset: of the figure from the middle, in picture widths to the right.
        looks_left: which way it looks.
        start_cycle: where in its loop the action begins, in cycles.
        seed: of everything else in the shot.
    """

    start: int
    end: int
    action: str
    speed: float
    camera: str
    place: int
    figure: int
    close: bool
    height: float
    offset: float
    looks_left: bool
    start_cycle: float
    seed: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a shot needs 0 <= start < end, got {self.start} and {self.end}")
        if self.action not in ACTIONS:
            raise ValueError(f"action must be one of {tuple(ACTIONS)}, got {self.action!r}")
        if self.camera not in CAMERAS:
            raise ValueError(f"camera must be one of {CAMERAS}, got {self.camera!r}")


@dataclass(frozen=True)
class FilmPlan:
    """One film before it is rendered: its shots in order and the looks they share."""

    name: str
    split: str
    fps: int
    shots: tuple[ShotPlan, ...]
    places: tuple[Place, ...]
    looks: tuple[Look, ...]
    grade: Grade

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"split must be one of {SPLITS}, got {self.split!r}")
        if not self.shots or self.shots[0].start != 0:
            raise ValueError(f"{self.name} needs a shot that begins at frame 0")
        if any(before.end > after.start for before, after in pairwise(self.shots)):
            raise ValueError(f"shots of {self.name} overlap")

    @property
    def num_frames(self) -> int:
        """Number of frames."""
        return self.shots[-1].end

    def truth(self) -> DemoFilm:
        """The ground truth of the rendered film."""
        shots = tuple(
            DemoShot(
                start=shot.start,
                end=shot.end,
                action=shot.action,
                background=self.places[shot.place].photo,
                figure=self.looks[shot.figure].name,
                camera=shot.camera,
                speed=shot.speed,
            )
            for shot in self.shots
        )
        joins = [(before.end, after.start) for before, after in pairwise(shots)]
        return DemoFilm(
            name=self.name,
            split=self.split,
            fps=self.fps,
            num_frames=self.num_frames,
            shots=shots,
            cuts=tuple(start for end, start in joins if end == start),
            dissolves=tuple((end, start) for end, start in joins if end < start),
        )


def plan_films(seed: int = 0, num_train: int = 20, num_held_out: int = 10) -> list[FilmPlan]:
    """Plan the demo films, those to train on first.

    A film depends only on the seed, its split and its number in the split. Action, figure,
    background, camera and speed are drawn independently.

    Args:
        seed: at least 0.
        num_train: number of films to train on.
        num_held_out: number of films to test with; they share no photograph and no cloth with
            those to train on.

    Raises:
        ValueError: if an argument is negative.
    """
    if min(seed, num_train, num_held_out) < 0:
        raise ValueError("seed and numbers of films must not be negative")
    counts = (num_train, num_held_out)
    return [
        _plan_film(seed, split, index)
        for split, count in zip(SPLITS, counts, strict=True)
        for index in range(count)
    ]


def _plan_film(seed: int, split: str, index: int) -> FilmPlan:
    key = (seed, SPLITS.index(split), index)
    rng = np.random.default_rng(key)
    fps = int(rng.choice(FRAME_RATES))
    places = draw_places(split, rng)
    looks = tuple(draw_look(split, rng) for _ in range(rng.integers(1, 3)))
    shots = _draw_shots(fps, len(places), len(looks), key, rng)
    return FilmPlan(f"{split}_{index:02d}", split, fps, shots, places, looks, draw_grade(rng))


def _draw_lengths(fps: int, count: int, rng: np.random.Generator) -> list[int]:
    """Frames of each shot; one of them may be a long take."""
    lengths = [round(fps * seconds) for seconds in rng.uniform(*SHOT_SECONDS, size=count)]
    if rng.random() < LONG_TAKE_SHARE:
        lengths[rng.integers(count)] = int(rng.integers(*LONG_TAKE_FRAMES, endpoint=True))
    return lengths


def _draw_shots(
    fps: int, num_places: int, num_looks: int, key: tuple[int, ...], rng: np.random.Generator
) -> tuple[ShotPlan, ...]:
    lengths = _draw_lengths(fps, int(rng.integers(*SHOTS_PER_FILM, endpoint=True)), rng)
    actions = rng.permutation(list(ACTIONS))
    shots: list[ShotPlan] = []
    start = 0
    for number, length in enumerate(lengths):
        if shots and rng.random() < DISSOLVE_SHARE:
            start += int(rng.integers(*DISSOLVE_FRAMES, endpoint=True))
        place, close = _draw_setting(num_places, shots[-1] if shots else None, rng)
        shots.append(
            ShotPlan(
                start=start,
                end=start + length,
                action=str(actions[number]),
                speed=float(np.exp(rng.uniform(*np.log(SPEEDS)))),
                camera=str(rng.choice(CAMERAS)),
                place=place,
                figure=int(rng.integers(num_looks)),
                close=close,
                height=float(rng.uniform(0.62, 0.7) if close else rng.uniform(0.5, 0.58)),
                offset=float(rng.uniform(-0.1, 0.1)),
                looks_left=bool(rng.random() < 0.5),
                start_cycle=float(rng.uniform(0, 10)),
                seed=(*key, number),
            )
        )
        start += length
    return tuple(shots)


def _draw_setting(
    num_places: int, previous: ShotPlan | None, rng: np.random.Generator
) -> tuple[int, bool]:
    """Draw a place and whether it is near, different enough that a cut shows."""
    close = bool(rng.random() < 0.5)
    if previous is None:
        return int(rng.integers(num_places)), close
    if rng.random() < SAME_PLACE_SHARE:
        return previous.place, not previous.close
    return int((previous.place + rng.integers(1, num_places)) % num_places), close
