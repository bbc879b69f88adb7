"""Backgrounds of the films: graded photographs that scikit-image and scikit-learn ship."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from eruv.films.camera import MAX_SHIFT
from eruv.utils.errors import EruvError

WIDTH, HEIGHT = 320, 240
MARGIN_X, MARGIN_Y = (int(shift) + 4 for shift in MAX_SHIFT)

_SKIMAGE = ("skimage", "data")
_SKLEARN = ("sklearn", "datasets/images")
_PROJECTS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
_FILES: dict[str, dict[str, tuple[tuple[str, str], str]]] = {
    "train": {
        "astronaut": (_SKIMAGE, "astronaut.png"),
        "brick": (_SKIMAGE, "brick.png"),
        "china": (_SKLEARN, "china.jpg"),
        "coffee": (_SKIMAGE, "coffee.png"),
        "coins": (_SKIMAGE, "coins.png"),
        "grass": (_SKIMAGE, "grass.png"),
        "hubble": (_SKIMAGE, "hubble_deep_field.jpg"),
        "moon": (_SKIMAGE, "moon.png"),
        "motorcycle": (_SKIMAGE, "motorcycle_left.png"),
        "rocket": (_SKIMAGE, "rocket.jpg"),
    },
    "held_out": {
        "camera": (_SKIMAGE, "camera.png"),
        "chelsea": (_SKIMAGE, "chelsea.png"),
        "flower": (_SKLEARN, "flower.jpg"),
        "gravel": (_SKIMAGE, "gravel.png"),
        "immunohistochemistry": (_SKIMAGE, "ihc.png"),
        "retina": (_SKIMAGE, "retina.jpg"),
    },
}
PHOTOS = {split: tuple(files) for split, files in _FILES.items()}
_FILE_OF = _FILES["train"] | _FILES["held_out"]
# The black corners around the retina are cut off.
_INSETS = {"retina": 0.17}


@dataclass(frozen=True)
class Place:
    """A part of a photograph, the background of shots.

    Attributes:
        photo: name of the photograph.
        left: position of the part between the photograph's left (0) and right (1) end.
        top: the same between its top and bottom.
        extent: size of the part, as a share of the largest one that fits.
        mirrored: whether left and right are exchanged.
        tone: (3,) colour multipliers for photographs without colour.
        exposure: grey values added to the film's brightness.
    """

    photo: str
    left: float
    top: float
    extent: float
    mirrored: bool
    tone: tuple[float, float, float]
    exposure: float

    def __post_init__(self) -> None:
        if self.photo not in _FILE_OF:
            raise ValueError(f"unknown photo {self.photo!r}")
        if not (0 <= self.left <= 1 and 0 <= self.top <= 1 and 0 < self.extent <= 1):
            raise ValueError("left, top and extent are shares between 0 and 1")


@dataclass(frozen=True)
class Grade:
    """The colour grade that all shots of a film share.

    Attributes:
        tint: (3,) multipliers of red, green and blue.
        contrast: of the backgrounds; 1 leaves them as they are.
        brightness: mean grey value of the backgrounds, 0 to 255.
        grain: standard deviation of the film grain in grey values.
    """

    tint: tuple[float, float, float]
    contrast: float
    brightness: float
    grain: float

    def __post_init__(self) -> None:
        if min(*self.tint, self.contrast, self.brightness) <= 0 or self.grain < 0:
            raise ValueError(f"a grade needs positive values, got {self}")


def require_photos() -> None:
    """Raise the `EruvError` of `load_photo` if a photograph is missing."""
    for name in _FILE_OF:
        _find(name)


@lru_cache(maxsize=len(_FILE_OF))
def load_photo(name: str) -> Image.Image:
    """Read a photograph as RGB.

    Raises:
        EruvError: if the package that ships it is not installed or lacks it.
    """
    with Image.open(_find(name)) as picture:
        photo = picture.convert("RGB")
    inset = _INSETS.get(name, 0.0)
    shares = (inset, inset, 1 - inset, 1 - inset)
    left, top, right, bottom = (
        round(share * length) for share, length in zip(shares, 2 * photo.size, strict=True)
    )
    return photo.crop((left, top, right, bottom))


def _find(name: str) -> Path:
    (package, folder), file = _FILE_OF[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EruvError(
            f"the demo films need the photographs of {_PROJECTS[package]}, which is not "
            "installed: pip install 'eruv[demo]'"
        )
    path = Path(spec.origin).parent / folder / file
    if not path.is_file():
        raise EruvError(
            f"the installed {_PROJECTS[package]} lacks {file}, which the demo films need: "
            "pip install --upgrade 'eruv[demo]'"
        )
    return path


def paint_background(
    place: Place, close: bool, grade: Grade, rng: np.random.Generator
) -> Image.Image:
    """Cut a place out of its photograph, with a margin for the camera to move in.

    Args:
        place: what to show.
        close: whether to show only the middle of it, enlarged.
        grade: the film's look.
        rng: source of the grain.

    Returns:
        RGB picture of (320 + 2 * MARGIN_X) x (240 + 2 * MARGIN_Y) pixels.

    Raises:
        EruvError: see `load_photo`.
    """
    photo = load_photo(place.photo)
    size = (WIDTH + 2 * MARGIN_X, HEIGHT + 2 * MARGIN_Y)
    scale = min(photo.width / size[0], photo.height / size[1]) * place.extent
    width, height = size[0] * scale, size[1] * scale
    left, top = place.left * (photo.width - width), place.top * (photo.height - height)
    inset = 0.2 if close else 0.0
    box = (
        left + inset * width,
        top + inset * height,
        left + (1 - inset) * width,
        top + (1 - inset) * height,
    )
    cut = photo.resize(size, Image.Resampling.BICUBIC, box=box)
    if place.mirrored:
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    # The figure is in focus, the background slightly out of it.
    pixels = np.asarray(cut.filter(ImageFilter.BoxBlur(0.8)), dtype=np.float32)
    return Image.fromarray(_grade(pixels, place, grade, rng))


def _grade(
    pixels: NDArray[np.float32], place: Place, grade: Grade, rng: np.random.Generator
) -> NDArray[np.uint8]:
    colours = np.array(grade.tint, dtype=np.float32)
    if np.ptp(pixels[::16, ::16], axis=2).max() < 2:
        colours *= np.array(place.tone, dtype=np.float32)
    height, width = pixels.shape[:2]
    grain = rng.standard_normal((height, width, 1), dtype=np.float32) * np.float32(grade.grain)
    # A shaded floor for the figure to stand on.
    shade = 1 - 0.3 * np.clip(np.linspace(-4.2, 1, height, dtype=np.float32), 0, 1)
    contrast, brightness = np.float32(grade.contrast), np.float32(grade.brightness + place.exposure)
    graded = (pixels - pixels.mean()) * contrast + brightness + grain
    return np.clip(graded * colours * shade[:, None, None], 0, 255).astype(np.uint8)
