"""One shot of a film: pictures of any of its frames."""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eruv.films.actions import ACTIONS
from eruv.films.camera import camera_path
from eruv.films.cloth import Colour
from eruv.films.figure import Look, Puppet
from eruv.films.motion import Action
from eruv.films.photos import HEIGHT, MARGIN_X, MARGIN_Y, WIDTH, paint_background
from eruv.films.plan import FilmPlan, ShotPlan
from eruv.films.skeleton import place_joints

Floats = NDArray[np.float64]

GROUND = 0.94 * HEIGHT
HORIZON = 0.5 * HEIGHT
# Reach of a travelling figure on either side, in pixels.
RANGE = 70.0
TURN_SECONDS = 0.24

_DARK: Colour = (22, 20, 28)
_LIGHT: Colour = (246, 243, 236)


class Performance(Protocol):
    """What a figure does: the shot's own, or a bystander's."""

    @property
    def action(self) -> str: ...
    @property
    def speed(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def offset(self) -> float: ...
    @property
    def looks_left(self) -> bool: ...
    @property
    def start_cycle(self) -> float: ...


class Stage:
    """A shot, prepared for rendering.

    Args:
        film: the film it belongs to.
        shot: one of its shots.
        first: first frame to render; a dissolve reaches beyond the shot.
        stop: the frame after the last one.
    """

    def __init__(self, film: FilmPlan, shot: ShotPlan, first: int, stop: int) -> None:
        rng = np.random.default_rng(shot.seed)
        seconds = np.arange(first - shot.start, stop - shot.start) / film.fps
        self._first = first
        self._camera = camera_path(shot.camera, seconds, rng)
        self._background = paint_background(film.places[shot.place], shot.close, film.grade, rng)
        brightness = film.grade.brightness + film.places[shot.place].exposure
        outline = _DARK if brightness > 115 else _LIGHT
        cast: list[tuple[Performance, Look, float]] = [
            *((one, one.look, _ground_of(one.height / shot.height)) for one in shot.bystanders),
            (shot, film.looks[shot.figure], GROUND),
        ]
        self._actors = [
            _Actor(one, look, ground, outline, seconds, self._camera) for one, look, ground in cast
        ]

    def picture(self, frame: int) -> Image.Image:
        """The RGB picture, 320 x 240 pixels, of a frame of the film."""
        number = frame - self._first
        shift_x, shift_y, zoom = self._camera[number].tolist()
        picture = self._view(shift_x, shift_y, zoom)
        for actor in self._actors:
            actor.draw(picture, number, zoom)
        return picture

    def _view(self, shift_x: float, shift_y: float, zoom: float) -> Image.Image:
        width, height = WIDTH / zoom, HEIGHT / zoom
        left = MARGIN_X + WIDTH / 2 + shift_x - width / 2
        top = MARGIN_Y + HEIGHT / 2 + shift_y - height / 2
        corner = (math.floor(left), math.floor(top))
        cut = self._background.crop((*corner, math.ceil(left + width), math.ceil(top + height)))
        # After a crop to whole pixels, a direction that needs no resampling takes no time.
        x, y = left - corner[0], top - corner[1]
        box = (x, y, x + width, y + height)
        return cut.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box)


class _Actor:
    """A figure on the stage, its joints computed for every frame.

    Args:
        performance: what it does.
        look: its clothes.
        ground: height of its feet in the picture, in pixels downwards.
        outline: colour of the contour.
        seconds: (F,) times of the frames.
        camera: (F, 3) path of the camera.
    """

    def __init__(
        self,
        performance: Performance,
        look: Look,
        ground: float,
        outline: Colour,
        seconds: Floats,
        camera: Floats,
    ) -> None:
        action = ACTIONS[performance.action]
        height = performance.height * HEIGHT
        self._shadow = _shadow(height)
        self._puppet = Puppet(look, action.view, height, outline)
        cycles = performance.start_cycle + seconds * performance.speed / action.period
        path, self._facing = _travel(action, performance, cycles, height)
        joints = place_joints(action.motion(cycles), action.view, self._facing)
        self._names = tuple(joints)
        middle = WIDTH * performance.offset + path
        spot = np.stack([middle, np.full_like(path, ground - HEIGHT / 2)], 1)
        upright = height * np.array([1.0, -1.0])
        above_ground = np.stack([np.zeros_like(spot), *joints.values()], axis=1)
        # Relative to the middle of the picture, which zooming leaves in place.
        seen = spot[:, None] + upright * above_ground - camera[:, None, :2]
        self._points = seen * camera[:, None, 2:] + np.array([WIDTH / 2, HEIGHT / 2])

    def draw(self, picture: Image.Image, number: int, zoom: float) -> None:
        """Draw a frame, by its number among those prepared, into an RGB picture."""
        (x, y), *points = map(tuple, self._points[number].tolist())
        corner = (round(x - self._shadow.width / 2), round(y - self._shadow.height / 2))
        picture.paste((0, 0, 0), corner, self._shadow)
        joints = dict(zip(self._names, points, strict=True))
        self._puppet.draw(picture, joints, zoom, looks_left=bool(self._facing[number] < 0))


def _ground_of(size: float) -> float:
    """Where a figure of so many times the front one's height stands: farther is higher up."""
    return HORIZON + size * (GROUND - HORIZON)


def _travel(
    action: Action, performance: Performance, cycles: Floats, height: float
) -> tuple[Floats, Floats]:
    """Walk to and fro, turning only between cycles: (F,) positions in pixels, and facings."""
    sign = -1.0 if performance.looks_left else 1.0
    if action.stride == 0:
        return np.zeros_like(cycles), np.full_like(cycles, sign)
    stride = action.stride * height
    crossing = max(1, round(2 * RANGE / stride))
    lap = (cycles / crossing) % 2
    path = (np.abs(1 - lap) - 0.5) * -crossing * stride
    # Seconds to the nearest turn: the figure turns within TURN_SECONDS.
    since_turn = (lap + 0.5) % 1 - 0.5
    seconds = since_turn * crossing * action.period / performance.speed
    towards = np.where(lap < 1, 1.0, -1.0)
    return sign * path, sign * towards * np.clip(2 * np.abs(seconds) / TURN_SECONDS, 0.05, 1)


def _shadow(body_height: float) -> Image.Image:
    """Mask of the soft dark patch on the ground below the figure."""
    width, height = round(0.62 * body_height), round(0.12 * body_height)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return Image.fromarray((130 * np.clip(1.2 * (1 - np.hypot(x, y)), 0, 1)).astype(np.uint8))
