"""What a file is, by its first bytes, for the error that names a wrong one."""

ZIP = b"PK\3\4"
EMPTY_ZIP = b"PK\5\6"

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF-": "a PDF document",
    b"\x1f\x8b": "a gzip archive; unpack it and send the file itself, or a zip",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive; send a zip",
    b"Rar!": "a RAR archive; send a zip",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV",
    b"PAR1": "a Parquet file; save it as CSV",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}


def binary_type_of(content: bytes) -> str | None:
    """The kind of a binary file with an article, or None."""
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


def text_type_of(content: bytes) -> str | None:
    """The kind of a text that is neither CSV nor JSON, or None."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1000].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML), not the file itself; use the page's download"
    if b"<svg" in start:
        return "an SVG picture, as a badge or a chart is; it holds no history"
    if start.startswith(b"<?xml"):
        return "an XML file"
    return None
