"""Collecting static files, only when they changed: compressing them takes many seconds."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STAMP_NAME = ".collected"
# The second API browser of the package, and Django REST Framework's HTML.
UNUSED = ["redoc", "rest_framework"]


def collect_static_if_changed() -> bool:
    """True when there was something to collect."""
    stamp = Path(settings.STATIC_ROOT) / STAMP_NAME
    current = fingerprint()
    if stamp.is_file() and stamp.read_text() == current:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
    stamp.write_text(current)
    return True


def fingerprint() -> str:
    """Of the names, sizes and times of all source files, and of how they are stored."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list(UNUSED):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
