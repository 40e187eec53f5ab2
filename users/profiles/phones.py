"""Telephone numbers, stored as E.164: `+` and at most 15 digits."""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from phonenumbers import ValidationResult

from core.text import without_invisible

# Written with spaces and brackets.
MAX_PHONE_INPUT_LENGTH = 40

_EXAMPLE = "Give the phone number in international form, like +49 30 901820."
# "ext. 5", "x614", "#12", ";ext=5", ",5", "~5": https://www.rfc-editor.org/rfc/rfc3966#section-5.3
_EXTENSION = re.compile(
    r"(?<=\d)[\s.,;/()-]*(?:;ext=|e?xt(?:ensi[oó]n?|n)?|x|#|,|;|~|int|anexo|доб|durchwahl|poste)"
    r"[\s.:=#)]*\d{1,9}#?\s*$",
    re.IGNORECASE,
)
# What people put between digits: any dash, dots, slashes, brackets, spaces.
_SEPARATORS = re.compile(r"[\s./()\-\u2010-\u2015\u2212\u30fc\uff0d\uff0e\uff0f\uff08\uff09]+")
_TRUNK_PREFIX = re.compile(r"\(\s*0\s*\)")
_MEXICAN_MOBILE = re.compile(r"\+521(?=\d{10}$)")


def e164(value: str) -> str:
    """`value` in its one written form, whatever spaces and brackets it came with. Raises
    ValidationError for what no telephone has, and for what E.164 could only hold by cutting it.

    Checked is the length for the country, area code included, not whether the range is in use
    today: a new range is unknown to every table for a while, and rejecting a person's own number
    helps nobody.
    """
    text = without_invisible(value)
    _require_digits_alone(text)
    compact = _MEXICAN_MOBILE.sub("+52", _compact(text))
    try:
        number = phonenumbers.parse(compact, None)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_EXAMPLE, code="invalid_phone") from error
    _require_possible(number)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if written != compact:
        raise ValidationError(
            f"The phone number would be stored as {written}; give it in that form if it is right.",
            code="invalid_phone",
        )
    return written


def _require_digits_alone(text: str) -> None:
    if extension := _EXTENSION.search(text):
        raise ValidationError(
            f"Phone extensions cannot be stored: leave out “{extension[0].strip()}”.",
            code="phone_extension",
        )
    if letters := re.search(r"[^\W\d_]+", text):
        raise ValidationError(
            f"A phone number has no letters: remove “{letters[0]}”.", code="phone_letters"
        )


def _compact(text: str) -> str:
    """`+` and digits. A leading 00 counts as `+`; a trunk prefix in brackets, "+44 (0)20", is left
    out."""
    compact = _SEPARATORS.sub("", _TRUNK_PREFIX.sub("", text)).replace("\uff0b", "+")
    # Decimal digits of every script.
    digits = "".join(str(int(each)) if each.isdecimal() else each for each in compact)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not re.fullmatch(r"\+[0-9]+", digits):
        raise ValidationError(_EXAMPLE, code="invalid_phone")
    return digits


def _require_possible(number: phonenumbers.PhoneNumber) -> None:
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.IS_POSSIBLE:
            return
        case ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            message = "The area code is missing. " + _EXAMPLE
        case ValidationResult.TOO_SHORT:
            message = "The phone number is too short for its country. " + _EXAMPLE
        case ValidationResult.TOO_LONG:
            message = "The phone number is too long for its country. " + _EXAMPLE
        case _:
            message = "No phone number of that country has this length. " + _EXAMPLE
    raise ValidationError(message, code="invalid_phone")
