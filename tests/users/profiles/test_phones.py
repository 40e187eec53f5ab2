"""Phone numbers: every way to write one, and nothing cut off."""

import pytest
from django.core.exceptions import ValidationError

from users.profiles.phones import e164


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("+49 30 901820", "+4930901820"),
        ("0049 30 901820", "+4930901820"),
        ("00 49 (30) 90 18-20", "+4930901820"),
        ("(+49) 30/901820", "+4930901820"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+52 55 1234 5678", "+525512345678"),
        ("+1 (202) 555\u20110143", "+12025550143"),
        ("+49\u202f30\u2009901820", "+4930901820"),
        ("+49 30\ufe0d901820", "+4930901820"),
        ("\u200e+49\t30 901820\u200f", "+4930901820"),
        ("\uff0b\uff14\uff19 30 901820", "+4930901820"),
        ("\u0660\u0660\u0664\u0669 30 901820", "+4930901820"),
        ("+49 30 901820-12", "+493090182012"),
        ("+54 9 11 2345 6789", "+5491123456789"),
        ("+39 06 698 12345", "+390669812345"),
    ],
    ids=ascii,
)
def test_one_number_has_one_stored_form(written: str, stored: str) -> None:
    assert e164(written) == stored


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ("+49 30 901820 home", "phone_letters", "“home”"),
        ("+1 800 FLOWERS", "phone_letters", "“FLOWERS”"),
        ("+1 202 555 0143 / x 614", "phone_extension", "extensions"),
        ("+1 202 555 0143 ext. 614", "phone_extension", "“ext. 614”"),
        ("+1 202 555 0143;ext=614", "phone_extension", "extensions"),
        ("+1 202 555 0143 #614", "phone_extension", "extensions"),
        ("+1 202 555 0143,614", "phone_extension", "extensions"),
        ("+7 495 123 45 67 \u0434\u043e\u0431. 12", "phone_extension", "extensions"),
        ("+1 555 0123", "invalid_phone", "area code"),
        ("+49 12", "invalid_phone", "area code"),
        ("+49 030 901820", "invalid_phone", r"\+4930901820"),
        ("+49 30 901820 / +49 30 901821", "invalid_phone", "international form"),
        ("030 901820", "invalid_phone", "international form"),
        ("+999 123456", "invalid_phone", "international form"),
        ("+44 20 7946 0018 0018", "invalid_phone", "too long"),
        ("+33 1 23", "invalid_phone", "too short"),
        ("+49 30 901820*5", "invalid_phone", "international form"),
        ("", "invalid_phone", "international form"),
    ],
)
def test_what_would_be_stored_as_another_number_is_rejected_with_its_reason(
    written: str, code: str, words: str
) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        e164(written)

    assert caught.value.code == code
