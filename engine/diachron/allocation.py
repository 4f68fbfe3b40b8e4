"""Keep freed memory in the process: feature maps come and go in sizes that glibc would give back at once.

Each give-back makes the next tile's pages fault in and be zeroed again, which costs more than small convolutions do.
"""

from __future__ import annotations

import ctypes
import platform

# glibc's malloc.h: parameter numbers of mallopt.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_MAX = -4
_KEPT_BYTES = 1 << 30
_STEP_BYTES = 64 << 20


def keep_freed_memory() -> bool:
    """Tell glibc to serve large blocks from its heap and keep up to 1 GiB of it; False where there is no glibc."""
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL("libc.so.6")
    settings = {_M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: _KEPT_BYTES, _M_TOP_PAD: _STEP_BYTES}
    return all(libc.mallopt(number, value) == 1 for number, value in settings.items())
