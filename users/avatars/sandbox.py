"""From an untrusted upload to a picture that may be shown: one at a time on this machine, each in a
process of its own with bounded memory and processor time (`users.avatars.image`)."""

import fcntl
import logging
import math
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from django.conf import settings
from django.core.files import File

from core.exceptions import DomainError, Unavailable, ValidationFailed
from users.avatars import image as pictures
from users.avatars.formats import accepted_format, other_format
from users.avatars.image import ExitStatus

_log = logging.getLogger("foyer.avatars")

ACCEPTED = "JPEG, PNG, WebP or GIF"

# A picture takes 0.1 s, the slowest accepted one 2 s. A waiting upload occupies one of the
# process's concurrent requests; at most half of them may wait like that.
TURN_TIMEOUT_SECONDS = 5.0
TURN_POLL_SECONDS = 0.02
_waiting_slots = threading.BoundedSemaphore(8)
# Wall clock; the processor time is bounded by the kernel. Only a machine out of breath gets here.
DECODE_TIMEOUT_SECONDS = 15.0


def megapixels(pixels: int) -> str:
    """With one digit, rounded up: what is above a limit must not read like the limit."""
    return f"{math.ceil(pixels / 100_000) / 10:.1f}"


class ProcessedImage(NamedTuple):
    content: bytes
    extension: str
    """Without the dot: "jpg" or "png"."""


class NotAnAvatar(ValidationFailed):
    code = "invalid_image"
    attr = "avatar"
    message = f"Send a picture: a {ACCEPTED} file that is not damaged."


class TooManyPixels(NotAnAvatar):
    code = "image_too_large"
    message = (
        f"The picture has too many pixels: at most {megapixels(pictures.MAX_PIXELS_JPEG)} "
        f"megapixels in a JPEG, {megapixels(pictures.MAX_PIXELS)} in the other formats."
    )


class TooComplex(NotAnAvatar):
    code = "image_too_complex"
    message = f"The JPEG has more than {pictures.MAX_SCANS} scans; save it again as a plain JPEG."


class DecoderFailed(Unavailable):
    message = "Pictures cannot be read right now; try again later."


def process_upload(upload: "File[bytes]") -> ProcessedImage:
    """The upload as a picture of at most 200x200, without metadata (B7).

    What the file is called does not matter. Raises NotAnAvatar, or Unavailable where too many
    others are waiting or the decoder could not do its work. Takes a while: never call it within a
    transaction.
    """
    upload.seek(0)
    data = upload.read()
    with _decode_lock():
        finished = _run_subprocess(data)
    if finished.returncode != ExitStatus.DONE:
        raise _failure(finished, data)
    extension, _, content = finished.stdout.partition(b"\n")
    return ProcessedImage(content=content, extension=extension.decode())


def _failure(finished: subprocess.CompletedProcess[bytes], data: bytes) -> DomainError:
    """What to tell the user: of the picture only what the decoder itself found out."""
    file_format = accepted_format(data)
    # A negative status is the signal that ended it; this one comes after MAX_PROCESSOR_SECONDS.
    out_of_time = finished.returncode == -signal.SIGXCPU
    match ExitStatus.TOO_DEMANDING if out_of_time else finished.returncode:
        case ExitStatus.UNREADABLE:
            return NotAnAvatar(_unreadable(file_format, other_format(data)))
        case ExitStatus.TOO_MANY_PIXELS:
            return TooManyPixels(_too_many_pixels(file_format, finished.stdout))
        case ExitStatus.TOO_MANY_SCANS:
            return TooComplex()
        case ExitStatus.TOO_DEMANDING:
            return TooComplex(
                f"This {file_format or 'picture'} takes too much memory or time to read; "
                "save it again in fewer pixels."
            )
    reason = MACHINE_FAULTS.get(finished.returncode, f"it ended with {finished.returncode}")
    _log.error(
        "a picture could not be read: %s %s",
        *(reason, finished.stderr[-500:].decode(errors="replace").strip()),
    )
    return DecoderFailed(retry_after_seconds=60)


MACHINE_FAULTS: dict[int, str] = {
    ExitStatus.LIMIT_NOT_SET: "the memory of the decoder cannot be limited (setrlimit)",
    ExitStatus.MEMORY_LIMIT_TOO_LOW: "the server limits memory (ulimit -v) below the "
    f"{pictures.MAX_MEMORY_BYTES // 1024**2} MiB of the decoder",
    -signal.SIGKILL: "the decoder was killed, for lack of memory as a rule",
    -signal.SIGSEGV: "the decoder crashed",
}


def _unreadable(file_format: str | None, other: str | None) -> str:
    if file_format:
        return f"This {file_format} is damaged: save it again, or send another picture."
    if other:
        return f"This is {other}; send a {ACCEPTED} instead."
    return NotAnAvatar.message


def _too_many_pixels(file_format: str | None, size: bytes) -> str:
    width, height = map(int, size.split())
    limit = pictures.MAX_PIXELS_JPEG if file_format == "JPEG" else pictures.MAX_PIXELS
    return (
        f"This {file_format} has {megapixels(width * height)} megapixels ({width}x{height}); "
        f"at most {megapixels(limit)} are taken."
    )


def _run_subprocess(data: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - our own interpreter, our own file
            [sys.executable, "-I", pictures.__file__],
            input=data,
            capture_output=True,
            # Nothing of the server's environment: it may hold secrets.
            env={},
            timeout=DECODE_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.error("a picture could not be read: %s", type(error).__name__)
        raise DecoderFailed(retry_after_seconds=60) from error


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
