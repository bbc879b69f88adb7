"""What this system can hold a process to."""

import ctypes
import sys

from eruv.web.confinement import CREATE_RULESET, VERSION_OF_LANDLOCK


def landlock() -> int:
    """Version of Landlock; below 1 where there is none."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None)
    found: int = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_OF_LANDLOCK)
    return found
