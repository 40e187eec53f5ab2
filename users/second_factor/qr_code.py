"""QR codes as SVG pictures."""

import io

import segno


def qr_svg(text: str) -> str:
    """An SVG element that scales; black on white, since scanners want that in dark mode too."""
    picture = io.BytesIO()
    segno.make(text, error="m").save(
        picture, kind="svg", xmldecl=False, omitsize=True, light="white", title="QR code"
    )
    return picture.getvalue().decode()
