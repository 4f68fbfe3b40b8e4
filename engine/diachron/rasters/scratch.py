"""Maps that may be larger than memory: kept in a scratch file, whose pages are let go of once they are done with."""

from __future__ import annotations

import ctypes
import mmap
import sys
import tempfile

import numpy as np
from numpy.typing import NDArray

SCRATCH_BYTES = 1 << 26
"""A map larger than this is kept in a file without a name rather than in memory."""


def plane(height: int, width: int) -> NDArray[np.uint8]:
    """Return a map of zeros, in a scratch file where it is large."""
    if height * width <= SCRATCH_BYTES:
        return np.zeros((height, width), np.uint8)
    return np.memmap(tempfile.TemporaryFile(prefix="diachron-"), np.uint8, "w+", shape=(height, width))


def let_go(values: NDArray) -> None:
    """Give the memory of a mapped file's pages back; what was written stays in the file. Of other arrays, nothing."""
    base: object = values
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)


def give_back() -> None:
    """Give freed memory back to the system. The C library of Linux keeps what many small pieces were made of, of a
    large raster several hundred megabytes that the next stage would come on top of; others do it by themselves.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
