"""Fixtures that all tests share: real videos, rendered small, and a library made of them.

- `render_video(path, shots=[(seed, frames), ...], size=, rate=, codec=, options=, pts=)`
  writes a video with hard cuts between distinct patterns.
- `small_library` is `(folder, truth)`: five ingested videos of two or three shots each.
- `dozen` is a folder of twelve films, for what must not be over at once.
- `numbered_video` is a film in which every pixel tells its frame's number:
  `frame_number_of(picture)` reads it from any crop, `numbered_video.place_of(picture)` says
  where the crop was taken and how it was turned.
- `labelled` is a small labelled data set: films of three classes, each of one brightness.

More is in `films_for_tests.py`, which any test module may import. `--fast` is the inner loop, see
`fast_for_tests.py`; what is costly is made once for all processes, see `sharing_for_tests.py`.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

import films_for_tests
from films_for_tests import NumberedVideo, SmallLibrary, TrueVideo, shot_ranges
from sharing_for_tests import Made, made_once

if "PYTEST_XDIST_WORKER" in os.environ:  # there is a process for every core already
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's background jobs begin with Ctrl-C ignored, and hand that on to what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL_LIBRARY_SHOTS = [(60, 100), (130, 70), (90, 60, 80), (100, 120), (64, 128, 75)]


@pytest.fixture(scope="session")
def render_video() -> Callable[..., Path]:
    """The function that renders a video, see `films_for_tests.render_video`."""
    return films_for_tests.render_video


MakeOnce = Callable[[str, Callable[[Path], Made]], Made]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="skip tests where something slow begins")


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile("whole", deadline=None)  # a busy machine is no mistake
    settings.register_profile("fast", deadline=None, max_examples=10)
    settings.load_profile("fast" if config.getoption("--fast") else "whole")


@pytest.fixture(scope="session", autouse=True)
def inner_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """With --fast, the tests are those of the inner loop."""
    with pytest.MonkeyPatch.context() as patch:
        if request.config.getoption("--fast"):
            from fast_for_tests import leave_out_what_is_slow

            leave_out_what_is_slow(patch)
        yield


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MakeOnce[Any]:
    """`make_once(name, make)` is what `make(folder)` returned in the first process that came."""
    return partial(made_once, tmp_path_factory=tmp_path_factory, worker=worker_id)


@pytest.fixture(scope="session")
def small_library(make_once: MakeOnce[SmallLibrary]) -> SmallLibrary:
    """Five videos of 96×72, ingested; read only, since all tests share it."""

    def make(folder: Path) -> SmallLibrary:
        from eruv.library.ingest import ingest

        (folder / "films").mkdir()
        truth = []
        for number, counts in enumerate(SMALL_LIBRARY_SHOTS):
            path = folder / "films" / f"film{number}.mp4"
            shots = [(10 * number + shot, count) for shot, count in enumerate(counts)]
            films_for_tests.render_video(path, shots)
            truth.append(TrueVideo(path, shot_ranges(counts)))
        ingest([folder / "films"], folder / "library", workers=1)
        return SmallLibrary(folder / "library", truth)

    return make_once("small-library", make)


@pytest.fixture(scope="session")
def dozen(make_once: MakeOnce[Path]) -> Path:
    """The folder of twelve films; read only, since all tests share it."""
    return make_once("dozen", films_for_tests.render_dozen)


@pytest.fixture(scope="session")
def embedded(
    small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Folders of a library with vectors, and of the tiny encoder that made them."""
    import eruv
    from training_for_tests import tiny, train

    folder = tmp_path_factory.mktemp("embedded")
    shutil.copytree(small_library.folder, folder / "library")
    run = train(folder / "library", folder / "run", tiny(pairs=4)).folder
    eruv.embed(folder / "library", run=run, every_s=0.4, device="cpu")
    return folder / "library", run


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server on loopback."""
    from storage_for_tests import s3_server

    with s3_server() as address:
        yield address


@pytest.fixture
def storage(s3: str, tmp_path: Path) -> Iterator[Any]:
    """Object storage that this process and its children use, see `storage_for_tests.py`."""
    from storage_for_tests import Faults, failing_proxy, set_environment

    with (
        failing_proxy(s3, Faults()) as found,
        set_environment(found.environment(), tmp_path / "cache"),
    ):
        yield found


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between requests to object storage that last no longer than a test may."""
    from eruv.utils.storage import bucket

    monkeypatch.setattr(bucket, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(bucket, "LONGEST_WAIT_S", 0.05)


@pytest.fixture(scope="session")
def labelled(make_once: MakeOnce[Any]) -> Any:
    """Films of three classes, of one brightness each; read only, since all tests share it."""
    from labelled_for_tests import labelled_library, opened

    def make(folder: Path) -> Path:
        return labelled_library(folder).library.folder

    return opened(make_once("labelled", make))


@pytest.fixture(scope="session")
def numbered_video(make_once: MakeOnce[NumberedVideo]) -> NumberedVideo:
    """620 frames in shots of 320, 200 and 100, each frame telling its number."""
    return make_once(
        "numbered", lambda folder: films_for_tests.numbered_video(folder / "numbered.mp4")
    )


@pytest.fixture(scope="session")
def frame_number_of() -> Callable[[NDArray[np.generic]], int]:
    """The function that reads a frame's number, see `films_for_tests.frame_number_of`."""
    return films_for_tests.frame_number_of
