"""Pages of small libraries, asked without a browser."""

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from web_for_tests import client_of


@pytest.fixture(scope="session")
def client(embedded: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The page of the library `embedded`: a copy, that pins may be written to."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(embedded[0], folder / "library")
    shutil.copytree(embedded[1], folder / "run")
    return client_of(folder / "library")


@pytest.fixture
def bare(small_library, tmp_path: Path) -> TestClient:
    """The page of a library without vectors."""
    shutil.copytree(small_library.folder, tmp_path / "library")
    return client_of(tmp_path / "library")
