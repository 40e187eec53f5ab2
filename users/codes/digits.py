"""Codes as people type, paste and dictate them."""

import unicodedata

# Spaces, hyphens of every kind, and characters that nobody sees.
_IGNORED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})


def normalize_digits(value: object, *, length: int) -> str | None:
    """`length` ASCII digits; None when it is no such code.

    Takes decimal digits of every script and ignores spaces and hyphens between them. A number has
    lost its leading zeros.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**length:
        return f"{value:0{length}}"
    if not isinstance(value, str):
        return None
    digits = [
        unicodedata.decimal(character, None)
        for character in value
        if unicodedata.category(character) not in _IGNORED_CATEGORIES
    ]
    if len(digits) != length or None in digits:
        return None
    return "".join(map(str, digits))
