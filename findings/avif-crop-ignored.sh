#!/usr/bin/env bash
# Pillow opens an AVIF picture in the size before its crop, with what was cropped away; a HEIC one without.
#
# Versions: Pillow 13.0.0, pillow-heif 1.8.1, libvips 8.18.7 (pyvips 3.2.0, pyvips-binary 8.18.7).
# Expected: AVIF and HEIC are the same container. It crops a picture by the property `clap`, which is marked
#           as essential: a reader has to apply it or leave the picture alone. So one file has one size, and
#           Pillow, which does heed rotation and mirroring (it turns them into an orientation), crops.
# Seen:     Pillow's own AVIF reader ignores the property: it opens the picture without a warning, in the
#           size before the crop, with the pixels that are not to be shown. No entry of `info` says so.
#           libvips (which sharp uses as well) has the cropped size. In a HEIC file the same bytes do crop
#           in Pillow, through pillow-heif. (The crops here start at the top left, as AVIF asks for.)
# Why:      an encoder that works in whole blocks pads the picture and crops the padding away. The avatar
#           then gets a rim, and its face is off the middle; a limit on width or height gives another
#           verdict here than in the client; two services that share a file show two pictures of it.
# Source:   AOMediaCodec/libavif#2427: its decoder leaves the crop to its caller.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet pillow==13.0.0 pillow-heif==1.8.1 pyvips==3.2.0 pyvips-binary==8.18.7

cat >crops.py <<'PYTHON'
"""Crops a picture by the property alone (ISO/IEC 14496-12, CleanApertureBox) and reads it in each way."""
import struct

import pillow_heif
import pyvips
from PIL import Image

WIDTH, HEIGHT = 128, 96


def boxes(data, start, end):
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start, start + size
        start += size


def find(data, *kinds):
    start, end, found = 0, len(data), None
    for kind in kinds:
        found = next(found for found in boxes(data, start, end) if found[0] == kind)
        start, end = found[1] + (12 if kind == b"meta" else 8), found[2]
    return found[1], found[2]


def insert(data, at, added, parents):
    """Puts bytes in, and makes the boxes around them larger."""
    for kinds in parents:
        start, _ = find(data, *kinds)
        (size,) = struct.unpack_from(">I", data, start)
        struct.pack_into(">I", data, start, size + len(added))
    data[at:at] = added


def crop(data, width, height):
    """Crops at the right and at the bottom."""
    data = bytearray(data)
    properties = (b"meta",), (b"meta", b"iprp"), (b"meta", b"iprp", b"ipco")
    start, end = find(data, *properties[-1])
    count = len(list(boxes(data, start + 8, end)))
    # How far the middle of the crop lies from that of the picture, in halves of a pixel.
    across, down = width - WIDTH, height - HEIGHT
    clap = struct.pack(">I4sIIIIiIiI", 40, b"clap", width, 1, height, 1, across, 2, down, 2)
    insert(data, end, clap, properties)

    associations = (b"meta",), (b"meta", b"iprp"), (b"meta", b"iprp", b"ipma")
    start, end = find(data, *associations[-1])
    assert struct.unpack_from(">II", data, start + 8) == (0, 1), "one item with short numbers"
    data[start + 18] += 1
    insert(data, end, bytes([0x80 | count + 1]), associations)  # 0x80: essential

    start, end = find(data, b"meta", b"iloc")
    assert struct.unpack_from(">H", data, start + 14) == (1,), "one item"
    at = end - 8  # the last two numbers: where the item's only extent lies, and its length
    (offset,) = struct.unpack_from(">I", data, at)
    struct.pack_into(">I", data, at, offset + len(clap) + 1)
    return bytes(data)


def describe(size, pixel):
    red, green, _ = pixel
    return f"{size[0]}x{size[1]}, last pixel {'white' if green > 128 else 'red' if red > 128 else 'other'}"


def with_pillow(name):
    with Image.open(name) as image:
        return describe(image.size, image.convert("RGB").getpixel((image.width - 1, image.height - 1)))


def with_libvips(name):
    image = pyvips.Image.new_from_file(name)
    return describe((image.width, image.height), image(image.width - 1, image.height - 1)[:3])


pillow_heif.register_heif_opener()
picture = Image.new("RGB", (WIDTH, HEIGHT), "red")
picture.paste("white", (0, 0, 100, 80))
for kind in ("AVIF", "HEIF"):
    picture.save("whole", kind, quality=90)
    with open("whole", "rb") as whole, open("cropped", "wb") as cropped:
        cropped.write(crop(whole.read(), 100, 80))
    for name in ("whole", "cropped"):
        print(f"{kind}, {name}: Pillow {with_pillow(name)}")
        if kind == "AVIF":  # this build of libvips has no decoder for the other
            print(f"{kind}, {name}: libvips {with_libvips(name)}")
PYTHON
venv/bin/python crops.py | tee seen

cat >expected <<'TEXT'
AVIF, whole: Pillow 128x96, last pixel red
AVIF, whole: libvips 128x96, last pixel red
AVIF, cropped: Pillow 128x96, last pixel red
AVIF, cropped: libvips 100x80, last pixel white
HEIF, whole: Pillow 128x96, last pixel red
HEIF, cropped: Pillow 100x80, last pixel white
TEXT
diff expected seen && echo "as described"
