"""How figures look and how they are saved: the same input gives the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from eruv.utils.output_files import NewFiles

DOTS_PER_INCH = 160
LOOK: dict[Any, Any] = {
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


@contextmanager
def figure_look() -> Iterator[None]:
    """Settings of matplotlib while a figure is made."""
    with matplotlib.rc_context(LOOK):
        yield


def save_figure(figure: Figure, to: Path, name: str) -> list[Path]:
    """Write a figure as PNG and as SVG, both whole or neither.

    Args:
        figure: made within `figure_look`.
        to: folder, made where there is none.
        name: of the files, without suffix.

    Returns:
        Both paths.
    """
    to.mkdir(parents=True, exist_ok=True)
    # Not `with_suffix`: what stands behind a dot of a name is no suffix.
    paths = [to / f"{name}.{kind}" for kind in ("png", "svg")]
    with matplotlib.rc_context(LOOK), NewFiles() as files:
        for path in paths:
            kind = path.suffix[1:]
            # Neither the date nor the version of matplotlib belongs into a file.
            metadata = {"Date": None} if kind == "svg" else {"Software": None}
            figure.savefig(files.partial(path), format=kind, dpi=DOTS_PER_INCH, metadata=metadata)
    return paths
