"""What the tests of training share: runs, and the clips they are trained on."""

from collections.abc import Callable
from typing import Any

import pytest

from eruv.library.catalogue import Library
from eruv.training.feasibility import task_maker
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleSource
from training_for_tests import TINY, train


@pytest.fixture(scope="session")
def unbroken(small_library: Any, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The tiny training on the small library, done in one go; read only."""
    return train(small_library.folder, tmp_path_factory.mktemp("unbroken") / "run")


@pytest.fixture(scope="session")
def sources(small_library: Any, unbroken: RunFolder) -> Callable[..., SampleSource]:
    """Training clips of the small library, by seed."""
    library = Library(small_library.folder)

    def source(seed: int = 0) -> SampleSource:
        return SampleSource(
            unbroken.training_data,
            library.folder / "proxies",
            library.settings.proxy,
            TINY.size,
            task_maker(TINY),
            seed,
        )

    return source
