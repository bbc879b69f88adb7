"""Committed configurations: the paper's, its peers', and those for two processor cores."""

from pathlib import Path

from eruv.utils.errors import EruvError

FOLDER = Path(__file__).parent


def recipe_path(name: str) -> Path:
    """The file of a committed recipe.

    Raises:
        EruvError: for a name that there is not.
    """
    path = FOLDER / f"{name}.yaml"
    if not path.exists():
        names = ", ".join(sorted(found.stem for found in FOLDER.glob("*.yaml")))
        raise EruvError(f"there is no recipe {name!r}; there are {names}.")
    return path
