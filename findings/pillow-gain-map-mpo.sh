#!/usr/bin/env bash
# Pillow calls the HDR picture of one phone JPEG and that of the next MPO, by how its metadata is spelled.
#
# Version:  Pillow 13.0.0.
# Expected: a JPEG with a gain map (the "HDR" pictures of phones since 2023: an ordinary JPEG, an index
#           segment MPF, and a second, small JPEG behind it) is a JPEG with one frame, whoever wrote it.
# Seen:     only a picture whose XMP spells the mark as the attribute hdrgm:Version="1.0", in double
#           quotes, is one. The same mark as an element or in single quotes, the mark in the second
#           picture only, and the gain map of ISO 21496-1 (which needs no XMP) give `format` "MPO",
#           MIME type image/mpo and two frames, the second a small gray one: with formats=["JPEG"] too.
# Why:      an allow list by `format` or by MIME type rejects part of the phones; a store by format saves
#           ".mpo" files that browsers do not show; code that walks through all frames publishes the gray
#           gain map. Treat MPO as JPEG, and read its first frame only.
# Source:   PIL/JpegImagePlugin.py, jpeg_factory(), looks for one spelling in the first picture.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet pillow==13.0.0

cat >pictures.py <<'PYTHON'
"""JPEGs with a second JPEG behind them, as phones write them, made here from two plain areas."""
import io
import struct

from PIL import Image


def jpeg(mode, size):
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, "JPEG")
    return buffer.getvalue()[2:]  # without the start mark, to put segments first


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def index(first_bytes, second_bytes, second_offset):
    """The MPF segment (CIPA DC-007): version, number of pictures, and where each of them lies."""
    entries = struct.pack("<IIIHH", 0x20030000, first_bytes, 0, 0, 0)
    entries += struct.pack("<IIIHH", 0, second_bytes, second_offset, 0, 0)
    tags = struct.pack("<HHI4s", 0xB000, 7, 4, b"0100") + struct.pack("<HHII", 0xB001, 4, 1, 2)
    tags += struct.pack("<HHII", 0xB002, 7, len(entries), 8 + 2 + 3 * 12 + 4)
    directory = struct.pack("<H", 3) + tags + struct.pack("<I", 0)
    return segment(0xE2, b"MPF\0II*\0" + struct.pack("<I", 8) + directory + entries)


def picture(first_segment, second_segment):
    start, rest = b"\xff\xd8" + first_segment, jpeg("RGB", (64, 48))
    second = b"\xff\xd8" + second_segment + jpeg("L", (16, 12))
    offsets_count_from = len(start) + 8
    first_bytes = len(start) + len(index(0, 0, 0)) + len(rest)
    return start + index(first_bytes, len(second), first_bytes - offsets_count_from) + rest + second


def xmp(description):
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"{description}</rdf:RDF></x:xmpmeta>'
    )
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())


double = xmp(' hdrgm:Version="1.0"/>')
single = xmp(" hdrgm:Version='1.0'/>")
element = xmp("><hdrgm:Version>1.0</hdrgm:Version></rdf:Description>")
iso = segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + struct.pack(">HH", 0, 0))

for name, first, second in [
    ("attribute, double quotes", double, double),
    ("attribute, single quotes", single, single),
    ("element", element, element),
    ("mark in the second picture only", b"", double),
    ("ISO 21496-1", iso, iso),
]:
    image = Image.open(io.BytesIO(picture(first, second)), formats=["JPEG"])
    frames = getattr(image, "n_frames", 1)
    image.seek(frames - 1)
    last = f"{image.mode} {image.width}x{image.height}"
    print(f"{name}: {image.format}, {image.get_format_mimetype()}, frames {frames}, last {last}")
PYTHON
venv/bin/python pictures.py | tee seen

cat >expected <<'TEXT'
attribute, double quotes: JPEG, image/jpeg, frames 1, last RGB 64x48
attribute, single quotes: MPO, image/mpo, frames 2, last L 16x12
element: MPO, image/mpo, frames 2, last L 16x12
mark in the second picture only: MPO, image/mpo, frames 2, last L 16x12
ISO 21496-1: MPO, image/mpo, frames 2, last L 16x12
TEXT
diff expected seen && echo "as described"
