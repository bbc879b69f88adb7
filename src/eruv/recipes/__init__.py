"""Committed configurations: the paper's, its peers', and those for two processor cores."""

from dataclasses import replace
from pathlib import Path

import yaml

from eruv.training.config import PretrainConfig
from eruv.utils.errors import EruvError

FOLDER = Path(__file__).parent


def recipe(name: str) -> PretrainConfig:
    """A committed recipe: laptop, demo, paper_c3d, paper_r3d, paper_r2plus1d, and those of the
    methods that the paper compares with, paper_c3d_vcop and paper_c3d_vcp.

    Raises:
        EruvError: for another name.
    """
    path = FOLDER / f"{name}.yaml"
    if not path.exists():
        names = ", ".join(sorted(found.stem for found in FOLDER.glob("*.yaml")))
        raise EruvError(f"there is no recipe {name!r}; there are {names}.")
    return PretrainConfig.from_dict(yaml.safe_load(path.read_text()))


def recipe_for(device: str) -> PretrainConfig:
    """The default on a device ("cpu" or "cuda"): the paper's, or one for two processor cores.

    It takes a library as it is; the detector of the paper stands in its recipe alone.
    """
    return replace(recipe("paper_c3d" if device == "cuda" else "laptop"), detector=None)
