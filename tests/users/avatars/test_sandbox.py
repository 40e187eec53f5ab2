"""One decode at a time, each within bounds that the kernel keeps (goals: G28)."""

import fcntl
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from pytest_django import Settings

from core.exceptions import Unavailable
from tests.users.avatars import sample_pictures as samples
from tests.users.avatars.sample_pictures import encoded, quadrants
from users.avatars import image as pictures
from users.avatars import sandbox
from users.avatars.image import ExitStatus
from users.avatars.sandbox import (
    NotAnAvatar,
    ProcessedImage,
    TooManyPixels,
    TooManyScans,
    process_upload,
)

HOSTILE = {
    "a million chunks": lambda: samples.tiny_png_with(
        samples.png_chunk(b"tEXt", b"a\0b") * 650_000
    ),
    "millions of segments": lambda: (
        (plain := encoded(quadrants(), "JPEG"))[:2] + b"\xff\xfe\0\2" * 2_500_000 + plain[2:]
    ),
    "64 scans of 50 megapixels": lambda: samples.progressive_jpeg(8_000, 6_250, scans=64),
    "4 channels of 50 megapixels to be kept until the last scan": lambda: _blown_up(
        encoded(Image.new("CMYK", (8, 8)), "JPEG", progressive=True, subsampling=0), 8_000, 6_250
    ),
}

HEAVY = {
    "jpeg": lambda: encoded(quadrants(8_000, 6_250), "JPEG"),
    "progressive jpeg": lambda: encoded(quadrants(8_000, 6_250), "JPEG", progressive=True),
    "png": lambda: encoded(quadrants(4_000, 4_000).convert("RGBA"), "PNG", compress_level=1),
    "webp": lambda: encoded(quadrants(4_000, 4_000), "WEBP", method=0),
    "gif": lambda: encoded(quadrants(4_000, 4_000), "GIF"),
}


def _blown_up(jpeg: bytes, width: int, height: int) -> bytes:
    """The same file, a larger picture in its header."""
    at = jpeg.index(b"\xff\xc2") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def shrunk(data: bytes) -> ProcessedImage:
    return process_upload(ContentFile(data, name="whatever.exe"))


class TestPictureFrom:
    def test_gives_the_picture_whatever_the_name_says(self) -> None:
        picture = shrunk(samples.phone_photo())

        assert picture.extension == "jpg"
        assert picture == ProcessedImage(*pictures.make_thumbnail(samples.phone_photo()))

    @pytest.mark.parametrize(
        ("data", "refusal"),
        [
            (b"", NotAnAvatar),
            (b"%PDF-1.7", NotAnAvatar),
            (samples.png_of(4_001, 4_000), TooManyPixels),
            (samples.progressive_jpeg(8, 8, scans=65), TooManyScans),
        ],
    )
    def test_refuses_in_the_words_of_its_caller(
        self, data: bytes, refusal: type[NotAnAvatar]
    ) -> None:
        with pytest.raises(NotAnAvatar) as caught:
            shrunk(data)

        assert type(caught.value) is refusal
        assert caught.value.attr == "avatar"

    @pytest.mark.parametrize("name", HEAVY)
    def test_takes_the_largest_pictures(self, name: str) -> None:
        data = HEAVY[name]()

        spent = spent_on(data)

        assert spent.status == ExitStatus.DONE
        assert spent.processor_seconds < pictures.MAX_PROCESSOR_SECONDS
        assert spent.peak_bytes < pictures.MAX_MEMORY_BYTES

    @pytest.mark.parametrize("name", HOSTILE)
    def test_stays_within_the_bounds_whatever_comes(self, name: str) -> None:
        data = HOSTILE[name]()

        spent = spent_on(data)

        assert spent.processor_seconds < pictures.MAX_PROCESSOR_SECONDS + 0.2
        assert spent.peak_bytes < pictures.MAX_MEMORY_BYTES

    def test_refuses_what_ran_into_the_bounds(self) -> None:
        with pytest.raises(NotAnAvatar):
            shrunk(HOSTILE["millions of segments"]())

    def test_shows_a_decoder_nothing_of_the_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spy = Path(__file__).with_name("dump_environment.py")
        monkeypatch.setenv("SECRET_KEY", "must not be seen")
        monkeypatch.setattr(pictures, "__file__", str(spy))

        assert b"must not be seen" not in shrunk(b"").content


class TestTurns:
    def test_are_waited_for_across_processes_and_given_up_in_time(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sandbox, "TURN_TIMEOUT_SECONDS", 0.1)
        # What another process would hold: flock knows open files, not processes.
        with (data_dir / "avatars.lock").open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)

            with pytest.raises(Unavailable) as caught:
                shrunk(samples.phone_photo())

        assert caught.value.retry_after_seconds >= 1
        assert shrunk(samples.phone_photo()).extension == "jpg"

    def test_are_refused_at_once_when_too_many_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sandbox, "_waiting_slots", threading.BoundedSemaphore(1))

        with sandbox._decode_lock(), pytest.raises(Unavailable):
            shrunk(samples.phone_photo())

    def test_come_one_after_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        running, most = [0], [0]
        run_apart = sandbox._run_subprocess

        def counted(data: bytes) -> object:
            running[0] += 1
            most[0] = max(most[0], running[0])
            try:
                return run_apart(data)
            finally:
                running[0] -= 1

        monkeypatch.setattr(sandbox, "_run_subprocess", counted)
        monkeypatch.setattr(sandbox, "TURN_TIMEOUT_SECONDS", 60)
        photo = samples.phone_photo()
        threads = [threading.Thread(target=shrunk, args=(photo,)) for _ in range(6)]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert most == [1]


class Spent(NamedTuple):
    status: int
    processor_seconds: float
    peak_bytes: int


def spent_on(data: bytes) -> Spent:
    """What the program takes for `data`. Started by way of a small process: a child begins with
    the peak of its parent, and this one has just made large pictures."""
    launcher = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", launcher, sys.executable, "-I", pictures.__file__],
        input=data,
        stdout=subprocess.PIPE,
        check=True,
    )
    status, seconds, peak = done.stdout.split()
    return Spent(int(status), float(seconds), int(peak))
