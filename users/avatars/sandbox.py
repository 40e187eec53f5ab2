"""From an untrusted upload to a picture that may be shown: one at a time on this machine, each in a
process of its own with bounded memory and processor time (`users.avatars.image`)."""

import fcntl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from django.conf import settings
from django.core.files import File

from core.exceptions import Unavailable, ValidationFailed
from users.avatars import image as pictures
from users.avatars.image import ExitStatus

# A picture takes 0.1 s, the slowest accepted one 2 s. A waiting upload occupies one of the
# process's concurrent requests; at most half of them may wait like that.
TURN_TIMEOUT_SECONDS = 5.0
TURN_POLL_SECONDS = 0.02
_waiting_slots = threading.BoundedSemaphore(8)
# Wall clock; the processor time is bounded by the kernel. Only a machine out of breath gets here.
DECODE_TIMEOUT_SECONDS = 15.0


class ProcessedImage(NamedTuple):
    content: bytes
    extension: str
    """Without the dot: "jpg" or "png"."""


class NotAnAvatar(ValidationFailed):
    code = "invalid_image"
    message = "Send a picture: a JPEG, PNG, WebP or GIF file that is not damaged."


class TooManyPixels(NotAnAvatar):
    code = "image_too_large"
    message = (
        f"The picture has too many pixels: at most {pictures.MAX_PIXELS_JPEG // 10**6} million "
        f"in a JPEG, {pictures.MAX_PIXELS // 10**6} million in the other formats."
    )


class TooManyScans(NotAnAvatar):
    code = "image_too_complex"
    message = f"The JPEG has more than {pictures.MAX_SCANS} scans; save it again as a plain JPEG."


REFUSALS: dict[int, type[NotAnAvatar]] = {
    ExitStatus.TOO_MANY_PIXELS: TooManyPixels,
    ExitStatus.TOO_MANY_SCANS: TooManyScans,
}


def process_upload(upload: "File[bytes]") -> ProcessedImage:
    """The upload as a picture of at most 200x200, without metadata (B7).

    What the file is called does not matter. Raises NotAnAvatar, or Unavailable where too many
    others are waiting. Takes a while: never call it within a transaction.
    """
    upload.seek(0)
    data = upload.read()
    with _decode_lock():
        finished = _run_subprocess(data)
    if finished.returncode != ExitStatus.DONE:
        # A decoder that crashed or ran into its bounds refuses too: with a signal for a status.
        raise REFUSALS.get(finished.returncode, NotAnAvatar)(attr="avatar")
    extension, _, content = finished.stdout.partition(b"\n")
    return ProcessedImage(content=content, extension=extension.decode())


def _run_subprocess(data: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - our own interpreter, our own file
            [sys.executable, "-I", pictures.__file__],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of the server's environment: it may hold secrets.
            env={},
            timeout=DECODE_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable from error


class TooManyAtOnce(Unavailable):
    code = "too_many_pictures"
    message = "Too many pictures at once; try again in a moment."


@contextmanager
def _decode_lock() -> Iterator[None]:
    """One decode at a time on this machine: whoever holds the lock on the file, a thread of this
    process or of another one. The kernel takes the lock back from the dead."""
    if not _waiting_slots.acquire(blocking=False):
        raise TooManyAtOnce(retry_after_seconds=2)
    try:
        with (settings.DATA_DIR / "avatars.lock").open("ab") as file:
            _wait_for_lock(file)
            yield
    finally:
        _waiting_slots.release()


def _wait_for_lock(file: IO[bytes]) -> None:
    deadline = time.monotonic() + TURN_TIMEOUT_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TooManyAtOnce(retry_after_seconds=5) from None
            time.sleep(TURN_POLL_SECONDS)
        else:
            return
