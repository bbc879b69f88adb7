"""Short words as pixels, for the margins of videos."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from eruv.figures.attended_video import Picture

DOTS_PER_INCH = 100
POINTS_PER_INCH = 72


def lettering(words: str, height: int, width: int) -> Picture:
    """Light words in the middle of a dark picture (height, width, 3), narrowed until they fit."""
    points = 0.62 * height * POINTS_PER_INCH / DOTS_PER_INCH
    figure = Figure(figsize=(width / DOTS_PER_INCH, height / DOTS_PER_INCH), dpi=DOTS_PER_INCH)
    figure.set_facecolor("#11141a")
    canvas = FigureCanvasAgg(figure)
    text = figure.text(0.5, 0.5, words, color="#e6e9ef", ha="center", va="center", size=points)
    text.set_parse_math(False)
    extent = text.get_window_extent(canvas.get_renderer())
    text.set_fontsize(points * min(1.0, 0.94 * width / max(1.0, extent.width)))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:height, :width, :3].copy()
