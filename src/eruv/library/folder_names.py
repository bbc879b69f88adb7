"""How a library folder is known from outside, without opening its catalogue."""

from collections.abc import Collection

SETTINGS_FILE = "library.json"
CATALOGUE = "catalogue"


def is_library(files: Collection[str], folders: Collection[str]) -> bool:
    """Whether the folder with these files and folders in it is a library."""
    return SETTINGS_FILE in files and CATALOGUE in folders
