"""One shot of a film: pictures of any of its frames."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eruv.films.actions import ACTIONS
from eruv.films.camera import camera_path
from eruv.films.cloth import Colour
from eruv.films.figure import Puppet
from eruv.films.motion import Action
from eruv.films.photos import HEIGHT, MARGIN_X, MARGIN_Y, WIDTH, paint_background
from eruv.films.plan import FilmPlan, ShotPlan
from eruv.films.skeleton import place_joints

Floats = NDArray[np.float64]

GROUND = 0.94 * HEIGHT
# Reach of a travelling figure on either side, in pixels.
RANGE = 70.0
TURN_SECONDS = 0.24

_DARK: Colour = (22, 20, 28)
_LIGHT: Colour = (246, 243, 236)


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
        self._height = shot.height * HEIGHT
        self._shadow = _shadow(self._height)
        brightness = film.grade.brightness + film.places[shot.place].exposure
        outline = _DARK if brightness > 115 else _LIGHT
        action = ACTIONS[shot.action]
        self._puppet = Puppet(film.looks[shot.figure], action.view, self._height, outline)
        self._act(action, shot, seconds)

    def picture(self, frame: int) -> Image.Image:
        """The RGB picture, 320 x 240 pixels, of a frame of the film."""
        number = frame - self._first
        shift_x, shift_y, zoom = self._camera[number].tolist()
        picture = self._view(shift_x, shift_y, zoom)
        (x, y), *points = map(tuple, self._points[number].tolist())
        corner = (round(x - self._shadow.width / 2), round(y - self._shadow.height / 2))
        picture.paste((0, 0, 0), corner, self._shadow)
        joints = dict(zip(self._names, points, strict=True))
        self._puppet.draw(picture, joints, zoom, looks_left=bool(self._facing[number] < 0))
        return picture

    def _act(self, action: Action, shot: ShotPlan, seconds: Floats) -> None:
        """Compute where the camera sees the figure's joints and its spot on the ground."""
        cycles = shot.start_cycle + seconds * shot.speed / action.period
        path, self._facing = _travel(action, shot, cycles, self._height)
        joints = place_joints(action.motion(cycles), action.view, self._facing)
        self._names = tuple(joints)
        spot = np.stack([WIDTH * shot.offset + path, np.full_like(path, GROUND - HEIGHT / 2)], 1)
        upright = self._height * np.array([1.0, -1.0])
        above_ground = np.stack([np.zeros_like(spot), *joints.values()], axis=1)
        # Relative to the middle of the picture, which zooming leaves in place.
        seen = spot[:, None] + upright * above_ground - self._camera[:, None, :2]
        self._points = seen * self._camera[:, None, 2:] + np.array([WIDTH / 2, HEIGHT / 2])

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


def _travel(action: Action, shot: ShotPlan, cycles: Floats, height: float) -> tuple[Floats, Floats]:
    """Walk to and fro, turning only between cycles: (F,) positions in pixels, and facings."""
    sign = -1.0 if shot.looks_left else 1.0
    if action.stride == 0:
        return np.zeros_like(cycles), np.full_like(cycles, sign)
    stride = action.stride * height
    crossing = max(1, round(2 * RANGE / stride))
    lap = (cycles / crossing) % 2
    path = (np.abs(1 - lap) - 0.5) * -crossing * stride
    # Seconds to the nearest turn: the figure turns within TURN_SECONDS.
    since_turn = (lap + 0.5) % 1 - 0.5
    seconds = since_turn * crossing * action.period / shot.speed
    towards = np.where(lap < 1, 1.0, -1.0)
    return sign * path, sign * towards * np.clip(2 * np.abs(seconds) / TURN_SECONDS, 0.05, 1)


def _shadow(body_height: float) -> Image.Image:
    """Mask of the soft dark patch on the ground below the figure."""
    width, height = round(0.62 * body_height), round(0.12 * body_height)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return Image.fromarray((130 * np.clip(1.2 * (1 - np.hypot(x, y)), 0, 1)).astype(np.uint8))
