"""Style and saving of figures, and pictures with attention or text; all are deterministic."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from eruv.utils.atomic import WholeFiles

Picture = NDArray[np.uint8]
Heat = NDArray[np.float32]
# (row, column, height, width) of a part of a picture.
Box = tuple[int, int, int, int]

DOTS_PER_INCH = 160
TEXT_DOTS_PER_INCH, POINTS_PER_INCH = 100, 72
# From black over red to yellow: rising in lightness, so that it reads without colour, too.
COLOURS = (colormaps["inferno"](np.linspace(0, 1, 256))[:, :3] * 255).astype(np.float32)
LEAST, MOST = 0.25, 0.8  # share of the glow where attention is 0, and 1
UNSEEN = 0.35  # of the light of the picture, where the network does not see it
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that all machines draw alike
    "font.size": 9,
    "axes.edgecolor": "#98a3b5",
    "axes.linewidth": 0.8,
    "axes.titlesize": 10,
    "text.color": "#1b2230",
    "axes.labelcolor": "#5d6779",
    "xtick.color": "#5d6779",
    "ytick.color": "#5d6779",
    "svg.hashsalt": "eruv",
    "text.parse_math": False,  # names of runs may hold dollar signs
}


def figure_style() -> AbstractContextManager[None]:
    """Matplotlib's settings while a figure is drawn."""
    return matplotlib.rc_context(STYLE)


def save_figure(figure: Figure, to: Path, name: str) -> list[Path]:
    """Write a figure as PNG and as SVG, both whole or neither.

    Args:
        figure: made within `figure_style`.
        to: folder, made where there is none.
        name: of the files, without suffix.

    Returns:
        Both paths.
    """
    to.mkdir(parents=True, exist_ok=True)
    # Not `with_suffix`: a name may contain a dot.
    paths = [to / f"{name}.{kind}" for kind in ("png", "svg")]
    with figure_style(), WholeFiles() as files:
        for path in paths:
            kind = path.suffix[1:]
            # Neither the date nor the version of matplotlib belongs into a file.
            metadata = {"Date": None} if kind == "svg" else {"Software": None}
            figure.savefig(files.partial(path), format=kind, dpi=DOTS_PER_INCH, metadata=metadata)
    return paths


def overlaid(picture: Picture, heat: Heat, box: Box) -> Picture:
    """A picture with attention over the part that the network sees; the rest is darkened.

    Args:
        picture: RGB, (H, W, 3).
        heat: (h, w), from 0 to 1.
        box: where the heat lies, of that size.
    """
    row, column, height, width = box
    grey = (picture @ LUMA)[..., None].repeat(3, axis=2)
    shown = UNSEEN * grey
    part = grey[row : row + height, column : column + width]
    share = (LEAST + (MOST - LEAST) * heat)[..., None]
    glow = COLOURS[(heat * 255).round().astype(np.intp)]
    shown[row : row + height, column : column + width] = (1 - share) * part + share * glow
    return shown.round().clip(0, 255).astype(np.uint8)


def text_picture(words: str, height: int, width: int) -> Picture:
    """Light text in the middle of a dark picture (height, width, 3), narrowed until it fits."""
    points = 0.62 * height * POINTS_PER_INCH / TEXT_DOTS_PER_INCH
    figure = Figure(
        figsize=(width / TEXT_DOTS_PER_INCH, height / TEXT_DOTS_PER_INCH), dpi=TEXT_DOTS_PER_INCH
    )
    figure.set_facecolor("#11141a")
    canvas = FigureCanvasAgg(figure)
    text = figure.text(0.5, 0.5, words, color="#e6e9ef", ha="center", va="center", size=points)
    text.set_parse_math(False)
    extent = text.get_window_extent(canvas.get_renderer())
    text.set_fontsize(points * min(1.0, 0.94 * width / max(1.0, extent.width)))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:height, :width, :3].copy()
