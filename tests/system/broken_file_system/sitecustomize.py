"""Puts a process onto a file system as shared folders have it: what BROKEN names fails.

Python imports this by itself from PYTHONPATH.
"""

import errno
import fcntl
import mmap
import os
from typing import Any


def _fail(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOLCK if "locks" in _BROKEN else errno.ENODEV, "not on this file system")


_BROKEN = os.environ.get("BROKEN", "").split(",")
if "locks" in _BROKEN:
    fcntl.flock = fcntl.lockf = _fail
if "memory" in _BROKEN:
    mmap.mmap = _fail  # type: ignore[assignment,misc]  # put in its place
if "links" in _BROKEN:
    os.link = _fail
