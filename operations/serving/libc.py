"""What the C library offers and Python does not. Where it is another one, nothing happens."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)
M_ARENA_MAX = -8  # mallopt(3)


def set_parent_death_signal() -> None:
    """SIGTERM for this process when its parent dies, even by force, when it can tell nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def limit_malloc_arenas() -> None:
    """glibc gives each thread a heap of its own, which keeps what was freed: 19 MiB each after a
    log-in, the memory of Argon2id. Two heaps suffice, since threads of Python take turns."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)
