"""Telephone numbers, kept as E.164: `+` and at most 15 digits."""

import phonenumbers
from django.core.exceptions import ValidationError

# Written with spaces and brackets.
MAX_PHONE_INPUT_LENGTH = 40


def e164(value: str) -> str:
    """`value` in its one written form, whatever spaces and brackets it came with. Raises
    ValidationError for what no telephone has.

    Checked is the length for the country, not whether the range is in use today: a new range is
    unknown to every table for a while, and refusing a person's own number helps nobody.
    """
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise ValidationError(
            "Give the phone number in international form, like +49 30 901820.", code="invalid_phone"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
