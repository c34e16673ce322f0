"""Memory that a training on CPUs gives back and takes again at every step: glibc is told to keep it."""

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
"""Numbers of mallopt's parameters. Source: glibc's malloc.h."""
KEPT_BYTES = 2**31 - 1
TOP_PAD_BYTES = 256 * 2**20


def keep_memory() -> bool:
    """Let glibc serve large maps from memory that the process holds already; False where there is no glibc.

    Without it each map of a step is fresh pages, which the kernel must clear first: over half a million page faults
    per step at 256 px. The process then holds its largest step's memory to its end.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return all([mallopt(_MMAP_MAX, 0), mallopt(_TRIM_THRESHOLD, KEPT_BYTES), mallopt(_TOP_PAD, TOP_PAD_BYTES)])
