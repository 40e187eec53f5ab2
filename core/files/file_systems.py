"""File systems: the kind that a file lies on (Linux), and what SQLite needs of it."""

import errno
import fcntl
import mmap
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Several machines may write to them, or their locks and shared memory do not reach every process:
# sqlite.org/wal.html, "all processes using a database must be on the same host computer".
SHARED_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "gfs2", "lustre"}
    | {"nfs", "nfs4", "ocfs2", "smb3", "smbfs", "vboxsf", "virtiofs"}
)
MOUNTS = Path("/proc/self/mounts")
# Not about locks: whoever writes next says what is wrong.
_OTHER_TROUBLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.ENOENT}


def require_sqlite_support(folder: Path) -> None:
    """Raise ImproperlyConfigured where locks or shared memory are missing, as on many shared
    folders of virtual machines, NFS and SMB (sqlite.org/wal.html: all processes on one host)."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".locks-", dir=folder)
    except OSError:
        return
    try:
        missing = _first_missing(descriptor)
    finally:
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)
    if missing:
        kind = file_system_of(folder) or "unknown"
        raise ImproperlyConfigured(
            f"the folder {folder} is on a file system of the type {kind}, which has no {missing},"
            " so SQLite cannot work there: set DATA_DIR to a folder on a local disk, or"
            " DATABASE_URL to PostgreSQL."
        )


def _first_missing(descriptor: int) -> str | None:
    needs: dict[str, Callable[[], object]] = {
        "file locks": lambda: _lock(descriptor),
        "shared memory": lambda: _map(descriptor),
    }
    for need, attempt in needs.items():
        try:
            attempt()
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) not in _OTHER_TROUBLE:
                return need
    return None


def _lock(descriptor: int) -> None:
    # Foyer's own locks, then SQLite's.
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _map(descriptor: int) -> None:
    # Written, not truncated to that size: on a full disk a page without a block kills the process.
    os.write(descriptor, bytes(mmap.PAGESIZE))
    with mmap.mmap(descriptor, mmap.PAGESIZE, flags=mmap.MAP_SHARED) as memory:
        memory[0] = 1


def file_system_of(path: Path, *, mounts: Path = MOUNTS) -> str | None:
    """Its name as mount(8) gives it, like "ext4"; None where the system does not say."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return None
    path = path.resolve()
    found = None
    longest = -1
    for line in lines:
        _, mount_point, kind, *_ = line.split(" ")
        folder = Path(_unescape(mount_point))
        # Of two mounts at one place, the later lies on top.
        if path.is_relative_to(folder) and len(folder.parts) >= longest:
            found, longest = kind, len(folder.parts)
    return found


def _unescape(text: str) -> str:
    """Blanks stand in the list as octal numbers: `\\040`."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
