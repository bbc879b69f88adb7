"""Plan the films from a seed: draw their shots, places, figures, colours and cuts."""

import colorsys
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from eruv.films.actions import ACTIONS, SPEEDS
from eruv.films.bystanders import Bystander, draw_bystanders
from eruv.films.camera import CAMERAS
from eruv.films.figure import Look
from eruv.films.looks import draw_look
from eruv.films.photos import PHOTOS, Grade, Place
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
        bystanders: further figures behind the first, each with an action of its own.
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
    # Films without bystanders keep their fingerprint.
    bystanders: tuple[Bystander, ...] = field(default=(), repr=False)

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


def plan_films(
    seed: int = 0, num_train: int = 20, num_held_out: int = 10, bystanders: int = 0
) -> list[FilmPlan]:
    """Plan the demo films, those to train on first.

    A film depends only on the seed, its split and its number in the split. Action, figure,
    background, camera and speed are drawn independently.

    Args:
        seed: at least 0.
        num_train: number of films to train on.
        num_held_out: number of films to test with; they share no photograph and no cloth with
            those to train on.
        bystanders: further figures in each shot; all else stays the same.

    Raises:
        ValueError: if an argument is negative.
    """
    if min(seed, num_train, num_held_out, bystanders) < 0:
        raise ValueError("seed and numbers of films and bystanders must not be negative")
    counts = (num_train, num_held_out)
    return [
        _plan_film(seed, split, index, bystanders)
        for split, count in zip(SPLITS, counts, strict=True)
        for index in range(count)
    ]


def _plan_film(seed: int, split: str, index: int, bystanders: int) -> FilmPlan:
    key = (seed, SPLITS.index(split), index)
    rng = np.random.default_rng(key)
    fps = int(rng.choice(FRAME_RATES))
    places = _draw_places(split, rng)
    looks = tuple(draw_look(split, rng) for _ in range(rng.integers(1, 3)))
    shots = _draw_shots(fps, len(places), len(looks), key, rng)
    if bystanders:
        shots = tuple(
            replace(shot, bystanders=draw_bystanders(bystanders, split, shot.height, shot.seed))
            for shot in shots
        )
    return FilmPlan(f"{split}_{index:02d}", split, fps, shots, places, looks, _draw_grade(rng))


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


def _draw_places(split: str, rng: np.random.Generator) -> tuple[Place, ...]:
    """Draw the two or three places of a film, each in another photograph of its split."""
    photos = rng.choice(PHOTOS[split], size=rng.integers(2, 4), replace=False)
    return tuple(
        Place(
            photo=str(photo),
            left=float(rng.random()),
            top=float(rng.random()),
            extent=float(rng.uniform(0.6, 0.95)),
            mirrored=bool(rng.random() < 0.5),
            tone=_tone(rng.random(), 0.3),
            exposure=float(rng.uniform(-28, 28)),
        )
        for photo in photos
    )


def _draw_grade(rng: np.random.Generator) -> Grade:
    """Draw the look that the shots of a film share."""
    return Grade(
        tint=_tone(rng.random(), float(rng.uniform(0.0, 0.2))),
        contrast=float(rng.uniform(0.45, 0.75)),
        brightness=float(rng.uniform(80, 165)),
        grain=float(rng.uniform(0, 4)),
    )


def _tone(hue: float, strength: float) -> tuple[float, float, float]:
    """Colour multipliers of mean 1."""
    colour = np.array(colorsys.hsv_to_rgb(hue, strength, 1.0))
    red, green, blue = (colour / colour.mean()).tolist()
    return red, green, blue
