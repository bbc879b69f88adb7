"""Committed configurations: the paper's, its peers', and those for two processor cores."""

from pathlib import Path

from eruv.utils.errors import EruvError

FOLDER = Path(__file__).parent
RECIPES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def recipe_path(name: str) -> Path:
    """The file of a committed recipe.

    Raises:
        EruvError: for a name that there is not.
    """
    if name not in RECIPES:
        raise EruvError(f"there is no recipe {name!r}; there are {', '.join(RECIPES)}.")
    return FOLDER / f"{name}.yaml"
