"""The kind of file system that a file lies on (Linux)."""

import re
from pathlib import Path

# Several machines may write to them, or their locks and shared memory do not reach every process:
# sqlite.org/wal.html, "all processes using a database must be on the same host computer".
SHARED_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "gfs2", "lustre"}
    | {"nfs", "nfs4", "ocfs2", "smb3", "smbfs", "vboxsf", "virtiofs"}
)
MOUNTS = Path("/proc/self/mounts")


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
