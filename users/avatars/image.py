"""One untrusted file in, one small clean picture out. Knows nothing of Django or HTTP.

`users.avatars.sandbox` runs this file as a program of its own, so that the kernel bounds what a
decoder may take (memory, processor time, files) and a decoder that crashes takes no server with it:
the file comes on the standard input, the picture leaves on the standard output, and the exit
status says how it went (`ExitStatus`).
"""

import enum
import io
import math
import re
import resource
import sys
import warnings
from collections.abc import Iterator
from itertools import islice

from PIL import (  # The four plugins are all that may open a file: Pillow loads the rest on demand.
    GifImagePlugin,  # noqa: F401
    Image,
    ImageChops,
    ImageFile,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

SIDE_PIXELS = 200
WHITE = 255
# 8192x6144, as phones take them, and 1440x11600, as screens are captured, fit.
MAX_PIXELS_JPEG = 50_400_000
MAX_PIXELS = 16_800_000
# Pillow's own limit would reject without telling the size.
Image.MAX_IMAGE_PIXELS = None
MAX_SCANS = 64
# A scaled JPEG decode stops at twice the final size: enough for a sharp picture.
DRAFT_SIDE_PIXELS = 2 * SIDE_PIXELS

MAX_MEMORY_BYTES = 400 * 1024 * 1024
MAX_PROCESSOR_SECONDS = 2

# "MPO" is what Pillow calls a JPEG with further pictures behind the first, as phones write them.
# It must never stand in FORMATS (the plugin is not made to be asked for), only among the answers.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
JPEG_FORMATS = ("JPEG", "MPO")

START_OF_IMAGE = b"\xff\xd8"
START_OF_SCAN, END_OF_IMAGE = b"\xda", b"\xd9"
# Runs of FF before a marker are padding; FF 00 is not a marker but data of a scan.
MARKER = re.compile(rb"\xff+([\x01-\xfe])")
# Restarts within a scan, the start of the image, and what has no meaning.
START_OF_PROGRESSIVE_FRAME = b"\xc2"
BITS = 13
# Height of a row of blocks where colours are stored at half the height.
BLOCK_PIXELS = 16
GIF_EXTENSION, GIF_IMAGE = b"\x21", b"\x2c"
FULL_GIF_BLOCK = 255
FEW_BYTES = 4
WEBP_HEADER_BYTES = 30
# The 14 bits of a side.
WEBP_SIDE = (1 << 14) - 1
BARE_MARKER = re.compile(rb"[\x01-\xbf\xd0-\xd8]")

ORIENTATION_TAG = 0x0112
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class ExitStatus(enum.IntEnum):
    """Exit status of this file run as a program. 1 and 2 are left to Python itself.

    From 20 on the machine is at fault, not the picture.
    """

    DONE = 0
    UNREADABLE = 10
    TOO_MANY_PIXELS = 11
    TOO_MANY_SCANS = 12
    TOO_DEMANDING = 13
    LIMIT_NOT_SET = 20
    MEMORY_LIMIT_TOO_LOW = 21


class ImageRejected(Exception):
    """The file does not become a picture; `outcome` says why, `size` its width and height where
    they are the reason."""

    def __init__(self, outcome: ExitStatus, size: tuple[int, int] | None = None) -> None:
        super().__init__(outcome.name)
        self.outcome = outcome
        self.size = size


def make_thumbnail(data: bytes) -> tuple[bytes, str]:
    """The picture in `data`, upright, without metadata, at most 200x200: its bytes and its
    extension ("jpg" or "png"). Raises ImageRejected, and nothing else, whatever the bytes."""
    try:
        # Pillow warns of what it then copes with: odd metadata, many pixels (judged below).
        with warnings.catch_warnings(action="ignore"):
            return _shrink(data)
    except ImageRejected:
        raise
    except MemoryError as error:
        raise ImageRejected(ExitStatus.TOO_DEMANDING) from error
    # Decoders let out what they like: OSError, SyntaxError, ValueError, struct.error, KeyError …
    except Exception as error:
        raise ImageRejected(ExitStatus.UNREADABLE) from error


def _shrink(data: bytes) -> tuple[bytes, str]:
    # Pillow takes the memory of a whole WebP to open it, and calls one damaged that is too large.
    if size := webp_size(data):
        _check_pixels(size, MAX_PIXELS)
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        _check_limits(opened, data)
        profile = opened.info.get("icc_profile")
        target = _target_size(opened.size)
        lossy = opened.format in (*JPEG_FORMATS, "WEBP")
        image = _decoded(opened, data)
        transposition = TRANSPOSITIONS.get(_orientation(image))
        small = _normalize_mode(image)
    if small.size != target:
        small = small.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if profile:
        small = _in_srgb(small, profile)
    if small.mode == "CMYK":
        small = small.convert("RGB")
    if transposition is not None:
        small = small.transpose(transposition)
    return _encoded(small, lossy=lossy)


def _check_limits(image: Image.Image, data: bytes) -> None:
    """Refuse by the header alone what would be too dear to decode."""
    is_jpeg = image.format in JPEG_FORMATS
    _check_pixels(image.size, MAX_PIXELS_JPEG if is_jpeg else MAX_PIXELS)
    if is_jpeg and scan_count(data) > MAX_SCANS:
        raise ImageRejected(ExitStatus.TOO_MANY_SCANS)


def _check_pixels(size: tuple[int, int], limit: int) -> None:
    if size[0] * size[1] > limit:
        raise ImageRejected(ExitStatus.TOO_MANY_PIXELS, size)


def webp_size(data: bytes) -> tuple[int, int] | None:
    """By its header; None where it tells none or the file is another (RFC 9649 §2.5 to §2.7)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < WEBP_HEADER_BYTES:
        return None
    match data[12:16]:
        case b"VP8X":
            bits = int.from_bytes(data[24:30], "little")
            return 1 + (bits & (1 << 24) - 1), 1 + (bits >> 24)
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & WEBP_SIDE), 1 + (bits >> 14 & WEBP_SIDE)
        case b"VP8 ":
            bits = int.from_bytes(data[26:30], "little")
            return bits & WEBP_SIDE, bits >> 16 & WEBP_SIDE
    return None


def _markers(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The markers of the first picture of a JPEG file, each with the place behind it.

    Segments are stepped over, so a thumbnail inside the metadata and a film behind the picture
    (phones append one) do not count.
    """
    position = len(START_OF_IMAGE)
    while (marker := MARKER.search(data, position)) and marker[1] != END_OF_IMAGE:
        position = marker.end()
        yield marker[1], position
        if not BARE_MARKER.match(marker[1]):
            # A segment: its length, itself included, stands first (0 where the file ends before).
            position += int.from_bytes(data[position : position + 2])


def scan_count(data: bytes) -> int:
    """Scans of the first picture of a JPEG file, counted up to one more than are allowed.

    A progressive JPEG may hold the same scan thousands of times; each costs a pass over the whole
    picture.
    """
    scans = (marker for marker, _ in _markers(data) if marker == START_OF_SCAN)
    return sum(1 for _ in islice(scans, MAX_SCANS + 1))


def all_scans_begun(data: bytes) -> bool:
    """Whether a progressive JPEG file has every bit of every coefficient, but for the end of its
    last scan (ITU-T T.81, B.2.3 and G.1)."""
    missing_bits: dict[int, list[int]] = {}
    for marker, at in _markers(data):
        if marker == START_OF_PROGRESSIVE_FRAME:
            count = data[at + 7]
            missing_bits = {data[at + 8 + 3 * index]: [BITS] * 64 for index in range(count)}
        elif marker == START_OF_SCAN:
            count = data[at + 2]
            first, last, bits = data[at + 3 + 2 * count : at + 6 + 2 * count]
            for index in range(count):
                component = missing_bits[data[at + 3 + 2 * index]]
                component[first : last + 1] = [bits & 15] * (last + 1 - first)
    return bool(missing_bits) and not any(map(any, missing_bits.values()))


def gif_ends_in_last_block(data: bytes) -> bool:
    """Whether the file ends within the last block of its first picture, or a few bytes before.
    All blocks but the last have 255 bytes (GIF89a specification, 15 and 22)."""
    position = 13 + _colour_table_bytes(data[10])
    while data[position : position + 1] == GIF_EXTENSION:
        position = _behind_blocks(data, position + 2)
    if data[position : position + 1] != GIF_IMAGE:
        return False
    position += 11 + _colour_table_bytes(data[position + 9])
    while position < len(data) and (size := data[position]):
        position += 1 + size
        if position > len(data):
            return size < FULL_GIF_BLOCK or position - len(data) <= FEW_BYTES
    return position >= len(data)


def _behind_blocks(data: bytes, position: int) -> int:
    while position < len(data) and (size := data[position]):
        position += 1 + size
    return position + 1


def _colour_table_bytes(flags: int) -> int:
    return 3 * 2 ** (1 + (flags & 7)) if flags & 128 else 0


def _decoded(image: Image.Image, data: bytes) -> Image.Image:
    """`image`, loaded. Where the last bytes of a JPEG or GIF are missing, as after a copy that
    broke off, it is completed like in every browser."""
    height = image.height
    if image.format in JPEG_FORMATS:
        _set_draft_size(image)
    try:
        image.load()
    except OSError:
        if image.format == "GIF" and gif_ends_in_last_block(data):
            return _completed(data)
        if image.format in JPEG_FORMATS:
            whole = _completed(data)
            if _lacks_little(image, whole, data, height):
                return whole
        raise
    return image


def _completed(data: bytes) -> Image.Image:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.format in JPEG_FORMATS:
            _set_draft_size(image)
        image.load()
        return image
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _lacks_little(partial: Image.Image, whole: Image.Image, data: bytes, full_height: int) -> bool:
    """Whether the end of a JPEG is missing, and not half of it.

    A progressive one must have begun its last scan. Of any other, the rows that were decoded stand
    in `partial`, which differs from `whole` in those that were made up: at most two rows of blocks.
    """
    if partial.info.get("progressive"):
        return all_scans_begun(data)
    difference = ImageChops.difference(partial._new(partial.im), whole)
    made_up = difference.getbbox(alpha_only=False)
    rows_of_two_blocks = math.ceil(2 * BLOCK_PIXELS * whole.height / full_height)
    return made_up is None or whole.height - made_up[1] <= rows_of_two_blocks


def _target_size(size: tuple[int, int]) -> tuple[int, int]:
    """Within the box, same aspect, never larger than it was, never below one pixel."""
    scale = min(1.0, SIDE_PIXELS / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _set_draft_size(image: Image.Image) -> None:
    """Let the JPEG decoder leave out what is thrown away anyway: 6 MB in place of 200 for 50 MP."""
    shrink_by = max(1.0, max(image.size) / DRAFT_SIDE_PIXELS)
    width, height = image.size
    image.draft(None, (math.ceil(width / shrink_by), math.ceil(height / shrink_by)))


def _orientation(image: Image.Image) -> int:
    """1-8 as in EXIF; damaged metadata does not spoil a good picture."""
    try:
        value = image.getexif().get(ORIENTATION_TAG)
    except Exception:  # noqa: BLE001 - see `make_thumbnail`
        return 1
    return value if isinstance(value, int) else 1


def _normalize_mode(image: Image.Image) -> Image.Image:
    """The same picture as L, RGB, RGBA or CMYK, 8 bits a channel: palettes and odd depths resolved
    before resizing, hidden colours behind a transparent palette entry kept hidden."""
    if image.mode in ("I;16", "I;16B", "I", "F"):
        return _eight_bit_grey(image)
    if image.mode in ("L", "RGB") and "transparency" in image.info:
        return _with_transparent_colour(image)
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bit_grey(image: Image.Image) -> Image.Image:
    """16-bit grey by its upper byte (a plain conversion would clip all but the darkest)."""
    wide = image.convert("I")
    grey = wide.point(lambda value: value * (1 / 256)).convert("L")
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return grey
    # Exactly one grey value of 65536 is transparent: clip its distance to 0 or 255.
    above = wide.point(lambda value: value * 255 + -255 * transparent).convert("L")
    below = wide.point(lambda value: value * -255 + 255 * transparent).convert("L")
    alpha = Image.composite(Image.new("L", grey.size, 255), below, above)
    return Image.merge("RGBA", (grey, grey, grey, alpha))


def _with_transparent_colour(image: Image.Image) -> Image.Image:
    transparent = image.info["transparency"]
    if isinstance(transparent, tuple) and max(transparent) > WHITE:
        # A 16-bit PNG: the pixels were brought to 8 bits, the colour to compare with was not.
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    return image.convert("RGBA")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours as the profile means them (phones write Display P3): the profile itself goes away.
    A damaged or unfitting profile is passed over."""
    from PIL import ImageCms  # noqa: PLC0415 - only few files need it

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        output_mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=output_mode
        )
    except Exception:  # noqa: BLE001 - see `make_thumbnail`
        return image
    return converted if converted is not None else image


def _encoded(image: Image.Image, *, lossy: bool) -> tuple[bytes, str]:
    # Pasted into a fresh image: what hangs on the old one (comment, profile, text) stays behind.
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    out = io.BytesIO()
    if lossy and clean.mode != "RGBA":
        clean.save(out, "JPEG", quality=90, subsampling=0)
        return out.getvalue(), "jpg"
    clean.save(out, "PNG", optimize=True)
    return out.getvalue(), "png"


def main() -> ExitStatus:
    """Bounded by the kernel before the first byte is looked at."""
    if not _bound_all():
        return ExitStatus.LIMIT_NOT_SET
    try:
        picture, extension = make_thumbnail(sys.stdin.buffer.read())
    except ImageRejected as rejection:
        return _report(rejection)
    sys.stdout.buffer.write(extension.encode() + b"\n" + picture)
    sys.stdout.buffer.flush()
    return ExitStatus.DONE


def _bound_all() -> bool:
    # macOS has the limit of memory and cannot set it: `manage.py doctor` says so.
    return (
        (_bound(resource.RLIMIT_AS, MAX_MEMORY_BYTES) or sys.platform == "darwin")
        # A second more before the kernel kills: the first signal tells that it was the time.
        and _bound(resource.RLIMIT_CPU, MAX_PROCESSOR_SECONDS, MAX_PROCESSOR_SECONDS + 1)
        and _bound(resource.RLIMIT_FSIZE, 0)
        and _bound(resource.RLIMIT_CORE, 0)
    )


def _bound(kind: int, most: int, hard_most: int | None = None) -> bool:
    """Set a limit, or a lower one that stands already. False where it cannot be set."""
    hard = resource.getrlimit(kind)[1]
    hard_limit = most if hard_most is None else hard_most
    if hard != resource.RLIM_INFINITY:
        hard_limit = min(hard_limit, hard)
    try:
        resource.setrlimit(kind, (min(most, hard_limit), hard_limit))
    except (ValueError, OSError):
        return False
    return True


def _report(rejection: ImageRejected) -> ExitStatus:
    if rejection.size:
        print(*rejection.size, flush=True)  # noqa: T201  # what the parent reads
    memory_bytes = resource.getrlimit(resource.RLIMIT_AS)[0]
    has_full_memory = memory_bytes in (MAX_MEMORY_BYTES, resource.RLIM_INFINITY)
    if rejection.outcome is ExitStatus.TOO_DEMANDING and not has_full_memory:
        return ExitStatus.MEMORY_LIMIT_TOO_LOW
    return rejection.outcome


if __name__ == "__main__":
    sys.exit(main())
