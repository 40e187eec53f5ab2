"""What a file is, by its first bytes: so that a rejection names it."""

import re

PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF8": "GIF"}
"""What Foyer takes, beside WebP, whose sign is in two places."""

_OTHERS = {
    b"%PDF-": "a PDF document",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF or raw picture",
    b"MM\0*": "a TIFF or raw picture",
    b"II+\0": "a TIFF picture",
    b"8BPS": "a Photoshop picture",
    b"\0\0\1\0": "an icon (ICO)",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture",
    b"\x1aE\xdf\xa3": "a film (WebM or Matroska)",
    b"\0\0\1\xba": "a film (MPEG)",
    b"OggS": "an Ogg file",
    b"ID3": "an MP3 file",
    b"PK\3\4": "a ZIP archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"%!PS": "an EPS picture",
}
# Brands of ISO base media files (ISO 23008-12 and the AV1 image format).
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"})
_AVIF = frozenset({b"avif", b"avis"})
# After an XML declaration, comments and a document type.
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<(svg|html)", re.IGNORECASE)
_HEAD_BYTES = 4096


def accepted_format(data: bytes) -> str | None:
    """ "JPEG", "PNG", "WebP" or "GIF" where the file says so, damaged or not."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    return next((name for sign, name in PICTURES.items() if data.startswith(sign)), None)


def other_format(data: bytes) -> str | None:
    """ "a HEIC picture": what a file is that Foyer does not take."""
    if data[4:8] == b"ftyp":
        return _iso_media(data)
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "a film (AVI)"
    if markup := _MARKUP.match(data[:_HEAD_BYTES]):
        return "an SVG picture" if markup[1].lower() == b"svg" else "an HTML page"
    return next((name for sign, name in _OTHERS.items() if data.startswith(sign)), None)


def _iso_media(data: bytes) -> str:
    """By the brands of its first box: the size, "ftyp", the major brand, a version, more brands."""
    box = data[: min(int.from_bytes(data[:4]), 256)]
    brands = {box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))}
    if box[8:12] == b"crx ":
        return "a raw picture (CR3)"
    if brands & _AVIF:
        return "an AVIF picture"
    if brands & _HEIC or b"mif1" in brands or b"msf1" in brands:
        return "a HEIC picture"
    return "a film (MP4 or QuickTime)"
