"""What the C library offers and Python does not. Where it is another one, nothing happens."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)
M_ARENA_MAX = -8  # mallopt(3)
M_MMAP_THRESHOLD = -3
# glibc reads them when a program starts: they are for its environment, as GLIBC_TUNABLES.
MALLOC_TUNABLES = "glibc.malloc.hugetlb=1"


def set_parent_death_signal() -> None:
    """SIGTERM for this process when its parent dies, even by force, when it can tell nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def limit_malloc_memory() -> None:
    """glibc gives each thread a heap of its own, and a heap keeps what was freed, which is much
    after a log-in: Argon2id works in 19 MiB. Two heaps suffice, since threads of Python take turns,
    and blocks as large as those go back to the system when they are freed. To fetch them again is
    cheap with huge pages (MALLOC_TUNABLES)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024)
