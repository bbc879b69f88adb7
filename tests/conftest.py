"""Fixtures that all tests share: real videos, rendered small, and a library made of them.

- `render_video(path, shots=[(seed, frames), ...], size=, rate=, codec=, options=, pts=)`
  writes a video with hard cuts between distinct patterns.
- `small_library` is `(folder, truth)`: five ingested videos of two or three shots each.
- `numbered_video` is a film in which every pixel tells its frame's number:
  `frame_number_of(picture)` reads it from any crop, `numbered_video.place_of(picture)` says
  where the crop was taken and how it was turned.
- `labelled` is a small labelled data set: films of three classes, each of one brightness.

More is in `films_for_tests.py`, which any test module may import.
"""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

import films_for_tests
from films_for_tests import NumberedVideo, SmallLibrary, TrueVideo, shot_ranges

# A shell's background jobs begin with Ctrl-C ignored, and hand that on to what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL_LIBRARY_SHOTS = [(60, 100), (130, 70), (90, 60, 80), (100, 120), (64, 128, 75)]


@pytest.fixture(scope="session")
def render_video() -> Callable[..., Path]:
    """The function that renders a video, see `films_for_tests.render_video`."""
    return films_for_tests.render_video


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory) -> SmallLibrary:
    """Five videos of 96×72, ingested; read only, since all tests share it."""
    from eruv.library.ingest import ingest

    folder = tmp_path_factory.mktemp("small")
    (folder / "films").mkdir()
    truth = []
    for number, counts in enumerate(SMALL_LIBRARY_SHOTS):
        path = folder / "films" / f"film{number}.mp4"
        shots = [(10 * number + shot, count) for shot, count in enumerate(counts)]
        films_for_tests.render_video(path, shots)
        truth.append(TrueVideo(path, shot_ranges(counts)))
    ingest([folder / "films"], folder / "library", workers=1)
    return SmallLibrary(folder / "library", truth)


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Films of three classes, of one brightness each; read only, since all tests share it."""
    from labelled_for_tests import labelled_library

    return labelled_library(tmp_path_factory.mktemp("labelled"))


@pytest.fixture(scope="session")
def numbered_video(tmp_path_factory: pytest.TempPathFactory) -> NumberedVideo:
    """620 frames in shots of 320, 200 and 100, each frame telling its number."""
    return films_for_tests.numbered_video(tmp_path_factory.mktemp("numbered") / "numbered.mp4")


@pytest.fixture(scope="session")
def frame_number_of() -> Callable[[NDArray[np.generic]], int]:
    """The function that reads a frame's number, see `films_for_tests.frame_number_of`."""
    return films_for_tests.frame_number_of
