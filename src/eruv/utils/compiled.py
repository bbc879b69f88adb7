"""Compile functions with numba, with a cache in a folder of the user."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

from eruv.utils.console import say

Function = TypeVar("Function", bound=Callable[..., Any])

_numba_settings: Any = numba.config
_PACKAGE = Path(__file__).parents[1]
# numba notices changes only in a function's own file, but these call each other.
_SOURCES = (
    "media/sampling.py",
    "detection/hog.py",
    "detection/matching.py",
    "detection/detectors/*.py",
)


def _cache_folder() -> Path | None:
    """A folder that changes with the compiled sources; None if none can be written."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.read_bytes())
    chosen = _numba_settings.CACHE_DIR or os.environ.get("XDG_CACHE_HOME")
    folder = Path(chosen) if chosen else Path("~/.cache").expanduser()
    folder = folder / "eruv" / digest.hexdigest()[:16]
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        say(
            "compiling the shot detectors, about 20 s at every start: no cache can be written "
            "(set NUMBA_CACHE_DIR to a writable folder)"
        )
        return None
    if is_new:
        say("compiling the shot detectors for this machine, once: about 20 s")
    return folder


_FOLDER = _cache_folder()


def compiled(**options: Any) -> Callable[[Function], Function]:
    """A decorator that compiles a function to machine code that releases the GIL.

    Args:
        options: of numba's `njit`.
    """

    def compile_function(function: Function) -> Function:
        before = _numba_settings.CACHE_DIR
        _numba_settings.CACHE_DIR = str(_FOLDER or "")
        try:
            made: Function = numba.njit(nogil=True, cache=_FOLDER is not None, **options)(function)
        finally:
            _numba_settings.CACHE_DIR = before
        return made

    return compile_function
