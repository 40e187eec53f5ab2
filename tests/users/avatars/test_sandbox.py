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
    TooComplex,
    TooManyPixels,
    process_upload,
)

HOSTILE = {
    "a million chunks": lambda: samples.tiny_png_with(
        samples.png_chunk(b"tEXt", b"a\0b") * 650_000
    ),
    "millions of segments": lambda: (
        (plain := encoded(quadrants(), "JPEG"))[:2] + b"\xff\xfe\0\2" * 2_500_000 + plain[2:]
    ),
    "64 scans of 50.3 megapixels": lambda: samples.progressive_jpeg(8_192, 6_144, scans=64),
    "4 channels of 50.3 megapixels to be kept until the last scan": lambda: _blown_up(
        encoded(Image.new("CMYK", (8, 8)), "JPEG", progressive=True, subsampling=0), 8_192, 6_144
    ),
}

HEAVY = {
    "jpeg": lambda: encoded(quadrants(8_192, 6_144), "JPEG"),
    "jpeg without its end": lambda: encoded(quadrants(8_192, 6_144), "JPEG")[:-1],
    "progressive jpeg": lambda: encoded(quadrants(8_192, 6_144), "JPEG", progressive=True),
    "png": lambda: encoded(quadrants(4_096, 4_100).convert("RGBA"), "PNG", compress_level=1),
    "webp": lambda: encoded(quadrants(4_096, 4_100), "WEBP", method=0),
    "gif": lambda: encoded(quadrants(4_096, 4_100), "GIF"),
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
    def test_picture_from_gives_the_picture_whatever_the_name_says(self) -> None:
        picture = shrunk(samples.phone_photo())

        assert picture.extension == "jpg"
        assert picture == ProcessedImage(*pictures.make_thumbnail(samples.phone_photo()))

    @pytest.mark.parametrize(
        ("data", "refusal"),
        [
            (b"", NotAnAvatar),
            (b"%PDF-1.7", NotAnAvatar),
            (samples.png_of(4_101, 4_100), TooManyPixels),
            (samples.progressive_jpeg(8, 8, scans=65), TooComplex),
        ],
    )
    def test_picture_from_refuses_in_the_words_of_its_caller(
        self, data: bytes, refusal: type[NotAnAvatar]
    ) -> None:
        with pytest.raises(NotAnAvatar) as caught:
            shrunk(data)

        assert type(caught.value) is refusal
        assert caught.value.attr == "avatar"

    @pytest.mark.parametrize("name", HEAVY)
    def test_picture_from_takes_the_largest_pictures(self, name: str) -> None:
        data = HEAVY[name]()

        spent = spent_on(data)

        assert spent.status == ExitStatus.DONE
        assert spent.processor_seconds < pictures.MAX_PROCESSOR_SECONDS
        assert spent.peak_bytes < pictures.MAX_MEMORY_BYTES

    @pytest.mark.parametrize("name", HOSTILE)
    def test_picture_from_stays_within_the_bounds_whatever_comes(self, name: str) -> None:
        data = HOSTILE[name]()

        spent = spent_on(data)

        assert spent.processor_seconds < pictures.MAX_PROCESSOR_SECONDS + 0.2
        assert spent.peak_bytes < pictures.MAX_MEMORY_BYTES

    def test_picture_from_refuses_what_ran_into_the_bounds(self) -> None:
        with pytest.raises(NotAnAvatar):
            shrunk(HOSTILE["millions of segments"]())

    def test_picture_from_shows_a_decoder_nothing_of_the_server(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spy = Path(__file__).with_name("dump_environment.py")
        monkeypatch.setenv("SECRET_KEY", "must not be seen")
        monkeypatch.setattr(pictures, "__file__", str(spy))

        assert b"must not be seen" not in shrunk(b"").content


FAULTS = {
    "cannot start": "import no_such_module",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "crashed": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "limit not set": f"import sys; sys.exit({int(ExitStatus.LIMIT_NOT_SET)})",
    "limit too low": f"import sys; sys.exit({int(ExitStatus.MEMORY_LIMIT_TOO_LOW)})",
}


class TestMachineFaults:
    """What the decoder did not find out itself is no fault of the picture."""

    @pytest.mark.parametrize("fault", FAULTS)
    def test_machine_faults_are_503_with_a_line_in_the_log(
        self,
        fault: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        program = tmp_path / "decoder.py"
        program.write_text(FAULTS[fault])
        monkeypatch.setattr(pictures, "__file__", str(program))

        with pytest.raises(Unavailable):
            shrunk(samples.phone_photo())

        assert "a picture could not be read" in caplog.text

    def test_a_decoder_that_never_ends_is_503(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        program = tmp_path / "decoder.py"
        program.write_text("import time; time.sleep(60)")
        monkeypatch.setattr(pictures, "__file__", str(program))
        monkeypatch.setattr(sandbox, "DECODE_TIMEOUT_SECONDS", 0.2)

        with pytest.raises(Unavailable):
            shrunk(samples.phone_photo())

        assert "TimeoutExpired" in caplog.text

    def test_a_lower_limit_of_the_server_is_taken_over(self) -> None:
        """A hosting may allow 300 MB: enough for nearly every picture, and no cause to reject."""
        assert run_limited(300_000, samples.phone_photo()).returncode == ExitStatus.DONE

    def test_a_picture_too_large_for_a_lower_limit_is_no_fault_of_the_picture(self) -> None:
        done = run_limited(100_000, HEAVY["png"]())

        assert done.returncode == ExitStatus.MEMORY_LIMIT_TOO_LOW


def run_limited(kibibytes: int, data: bytes) -> subprocess.CompletedProcess[bytes]:
    command = f'ulimit -v {kibibytes}; exec "$0" -I "$1"'
    return subprocess.run(
        ["sh", "-c", command, sys.executable, pictures.__file__],
        input=data,
        capture_output=True,
        check=False,
    )


def ftyp(*brands: bytes) -> bytes:
    box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(box) + 4).to_bytes(4) + box + bytes(100)


def jpeg_claiming(width: int, height: int) -> bytes:
    data = encoded(quadrants(), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def animation_claiming(width: int, height: int) -> bytes:
    """A WebP whose canvas is larger than its frames."""
    frames = [quadrants(), quadrants().rotate(180)]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return data[:24] + canvas + data[30:]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (ftyp(b"heic", b"mif1", b"heic"), "a HEIC picture"),
        (ftyp(b"mif1", b"miaf", b"MiHB"), "a HEIC picture"),
        (ftyp(b"avif", b"mif1", b"miaf"), "an AVIF picture"),
        (ftyp(b"mif1", b"avif", b"miaf"), "an AVIF picture"),
        (ftyp(b"isom", b"mp42"), r"a film \(MP4 or QuickTime\)"),
        (ftyp(b"qt  ", b"qt  "), r"a film \(MP4 or QuickTime\)"),
        (b"\x1aE\xdf\xa3" + bytes(100), r"a film \(WebM or Matroska\)"),
        (b"%PDF-1.7\n", "a PDF document"),
        (encoded(quadrants(), "BMP"), "a BMP picture"),
        (encoded(quadrants(), "TIFF"), "a TIFF or raw picture"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "an HTML page"),
        (b"PK\3\4" + bytes(100), "a ZIP archive"),
        (b"hello" * 100, "Send a picture: a JPEG, PNG, WebP or GIF file"),
        (encoded(quadrants(), "PNG")[:60], "This PNG is damaged"),
        (encoded(quadrants(), "WEBP")[:60], "This WebP is damaged"),
        (samples.png_of(4_101, 4_100), r"This PNG has 16.9 megapixels \(4101x4100\); at most 16.8"),
        (samples.png_of(90_000, 90_000), r"PNG has 8100.0 megapixels \(90000x90000\); at most"),
        (jpeg_claiming(16_320, 12_240), r"JPEG has 199.8 megapixels \(16320x12240\); at most 50.4"),
        (animation_claiming(10_000, 10_000), r"WebP has 100.0 megapixels \(10000x10000\); at most"),
        (animation_claiming(90_000, 9_000), r"WebP has 810.0 megapixels \(90000x9000\); at"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rejection_names_what_the_file_is(data: bytes, name: str) -> None:
    with pytest.raises(NotAnAvatar, match=name):
        shrunk(data)


class TestTurns:
    def test_turns_are_waited_for_across_processes_and_given_up_in_time(
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

    def test_turns_are_refused_at_once_when_too_many_wait(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sandbox, "_waiting_slots", threading.BoundedSemaphore(1))

        with sandbox._decode_lock(), pytest.raises(Unavailable):
            shrunk(samples.phone_photo())

    def test_turns_come_one_after_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
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
