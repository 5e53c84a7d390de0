"""Keeps a long-running server's memory flat where the C library is glibc; elsewhere it changes nothing."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""Source: https://man7.org/linux/man-pages/man3/mallopt.3.html"""


def share_one_arena() -> bool:
    """Every thread allocates from one arena from now on; False: this C library has no such setting.

    By default threads get up to eight arenas a core, each of which keeps what was freed in it. A server with a thread
    for each connection and job fills them all for hours; with one lock around Python they speed nothing up.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(M_ARENA_MAX, 1) == 1
