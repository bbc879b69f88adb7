"""Committed configurations: the paper's, its peers', and those for two processor cores."""

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


def recipe_path_for(device: str) -> Path:
    """What is trained on a device ("cpu" or "cuda") when nothing else is asked for."""
    return FOLDER / ("paper_c3d.yaml" if device == "cuda" else "laptop.yaml")


def recipe_for(device: str) -> PretrainConfig:
    """The recipe of `recipe_path_for`."""
    return recipe(recipe_path_for(device).stem)
