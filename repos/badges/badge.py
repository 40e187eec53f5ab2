"""One badge as SVG and as the data of shields.io's endpoint badge."""

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from repos.badges.numbers import short_number

HEIGHT = 20
_FONT_SIZE = 11
_PADDING = 6
# White on each of them has a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
_LABEL_GROUND = "#444c56"
_KNOWN_GROUND = "#0b62b0"
_UNKNOWN_GROUND = "#6a6f76"
# Advance widths in thousandths of the font size, about those of Verdana, the widest font below.
_WIDTHS = {
    **dict.fromkeys("0123456789", 636),
    **dict.fromkeys("il", 274),
    **dict.fromkeys("fjrt", 400),
    **dict.fromkeys("csvxyz", 560),
    **dict.fromkeys("mw", 900),
    **dict.fromkeys(".,:", 364),
    " ": 352,
    "M": 843,
}
_USUAL_WIDTH = 630

UNKNOWN = "no data yet"


@dataclass(frozen=True, slots=True)
class Badge:
    """`message` beside `label`; `is_known` is false where there is no figure."""

    label: str
    message: str
    is_known: bool = True

    @property
    def text(self) -> str:
        return f"{self.label}: {self.message}"


def number_badge(label: str, number: int | None) -> Badge:
    """None: nothing is stored yet, which is not zero."""
    if number is None:
        return Badge(label, UNKNOWN, is_known=False)
    return Badge(label, short_number(number))


def endpoint_json(badge: Badge) -> dict[str, Any]:
    """The schema of https://shields.io/badges/endpoint-badge."""
    return {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": "blue" if badge.is_known else "lightgrey",
    }


def badge_svg(badge: Badge) -> str:
    """Two fields with white text. The length of each text is fixed, so that another font than the
    measured one is stretched into its field instead of running out of it."""
    label_text, message_text = _text_width(badge.label), _text_width(badge.message)
    label, message = label_text + 2 * _PADDING, message_text + 2 * _PADDING
    width = label + message
    ground = _KNOWN_GROUND if badge.is_known else _UNKNOWN_GROUND
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}"'
        f' viewBox="0 0 {width} {HEIGHT}" role="img" aria-label={quoteattr(badge.text)}>'
        f"<title>{escape(badge.text)}</title>"
        f'<path fill="{_LABEL_GROUND}" d="M3 0H{label}V{HEIGHT}H3A3 3 0 0 1 0 17V3A3 3 0 0 1 3 0"/>'
        f'<path fill="{ground}" d="M{label} 0H{width - 3}A3 3 0 0 1 {width} 3V17'
        f'A3 3 0 0 1 {width - 3} {HEIGHT}H{label}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif"'
        f' font-size="{_FONT_SIZE}" aria-hidden="true">'
        f"{_text(badge.label, x=_PADDING, width=label_text)}"
        f"{_text(badge.message, x=label + _PADDING, width=message_text)}</g></svg>\n"
    )


def _text(text: str, *, x: int, width: int) -> str:
    return (
        f'<text x="{x}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text>"
    )


def _text_width(text: str) -> int:
    """In pixels, rounded up."""
    thousandths = sum(_WIDTHS.get(character, _USUAL_WIDTH) for character in text)
    return -(-thousandths * _FONT_SIZE // 1000)
