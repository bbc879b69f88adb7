"""What the tests of training share: a configuration that trains in seconds, and its data."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from eruv.clips import ClipSize
from eruv.library import Library
from eruv.training.config import PretrainConfig, ValidationSettings
from eruv.training.data import SampleSource
from eruv.training.run_folder import RunFolder
from eruv.training.start import start_run, task_maker

TINY = PretrainConfig(
    backbone="r3d",
    width=0.05,
    size=ClipSize(32, 43, 32),
    batch_size=2,
    pairs=24,
    validation=ValidationSettings(pairs_per_relation=1, every_pairs=12, batch_norm_batches=1),
    threads=1,
    loader_workers=0,
)


@pytest.fixture
def tiny() -> Callable[..., PretrainConfig]:
    """The tiny configuration, with changes."""
    return lambda **changes: replace(TINY, **changes)


@pytest.fixture(autouse=True)
def own_threads() -> Iterator[None]:
    """Give torch its threads back; a training sets them for the whole process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def sources(
    small_library: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int], SampleSource]:
    """Training clips of the small library, by seed."""
    run = RunFolder(tmp_path_factory.mktemp("sources") / "run")
    library = Library(small_library.folder)
    start_run(run, library, TINY, init=None)

    def source(seed: int = 0, catalogue: Path = run.training_data) -> SampleSource:
        return SampleSource(
            catalogue,
            library.folder / "proxies",
            library.settings.proxy,
            TINY.size,
            task_maker(TINY),
            seed,
        )

    return source
