"""Pictures made for the tests: four coloured quadrants, in every format and mode."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (250, 250, 250)
QUADRANTS = (RED, GREEN, BLUE, WHITE)
"""Top left, top right, bottom left, bottom right."""

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F
# How EXIF stores an upright picture under each orientation: the inverse of what a viewer does.
STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quadrants(width: int = 60, height: int = 40) -> Image.Image:
    image = Image.new("RGB", (2, 2))
    for index, colour in enumerate(QUADRANTS):
        image.putpixel((index % 2, index // 2), colour)
    return image.resize((width, height), Image.Resampling.NEAREST)


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes, as far as it matters here."""
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    tags[MAKE] = "SecretMaker"
    tags[GPS] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    return tags


def phone_photo(orientation: int = 6, width: int = 400, height: int = 300) -> bytes:
    """A JPEG as a phone stores it: turned on its side, with the place where it was taken."""
    upright = quadrants(width, height)
    saved_file = upright.transpose(STORED_AS[orientation]) if orientation in STORED_AS else upright
    return encoded(saved_file, "JPEG", quality=92, exif=exif(orientation), comment=b"SecretComment")


def sixteen_bit_grey(width: int = 60, height: int = 40) -> Image.Image:
    return (
        quadrants(width, height).convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
    )


def palette_with_hole(width: int = 60, height: int = 40) -> Image.Image:
    """The top left quadrant is a palette entry declared transparent, its hidden colour red."""
    image = quadrants(width, height).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    image.info["transparency"] = image.tobytes()[0]
    return image


def with_alpha(width: int = 60, height: int = 40) -> Image.Image:
    """The left half is fully transparent, the right half opaque."""
    image = quadrants(width, height).convert("RGBA")
    alpha = Image.new("L", image.size, 0)
    alpha.paste(255, (width // 2, 0, width, height))
    image.putalpha(alpha)
    return image


def png_chunk(kind: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + checksum


def png_of(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + png_chunk(b"IEND", b"")


def png_pixels(rows: bytes) -> bytes:
    return png_chunk(b"IDAT", zlib.compress(rows))


def tiny_png_with(*chunks: bytes) -> bytes:
    return png_of(1, 1, *chunks, png_pixels(b"\0" + bytes(RED)))


def progressive_jpeg(width: int, height: int, *, scans: int) -> bytes:
    """A legal JPEG that says its last refinement again and again."""
    plain = encoded(Image.new("RGB", (width, height), RED), "JPEG", progressive=True)
    last = plain[plain.rindex(b"\xff\xda") : -2]
    return plain[:-2] + last * (scans - plain.count(b"\xff\xda")) + plain[-2:]
