"""What is invisible around names, addresses and codes is no part of them."""

import pytest
from django.core.exceptions import ValidationError

from core.email_addresses import canonical_email
from core.text import clean_identifier, strip_invisible, without_invisible

AROUND = [
    " ", "\t", "\r\n", "\u00a0", "\u00ad", "\u200b", "\u200e", "\u2009", "\u202c", "\u202f",
    "\u2028", "\u2060", "\u3000", "\ufeff", "\ufe0d", "\u3164", "\u2800", "\U000e0020",
]  # fmt: skip


@pytest.mark.parametrize("around", AROUND, ids=ascii)
def test_invisible_characters_around_a_text_are_stripped(around: str) -> None:
    assert strip_invisible(f"{around}{around}a b{around}") == "a b"
    assert clean_identifier(f"{around}ada{around}") == "ada"
    assert strip_invisible(around) == ""


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u200b", "U+200B (zero width space)"),
        ("\u00a0", "U+00A0 (no-break space)"),
        ("\u202e", "U+202E (right-to-left override)"),
        ("\u3164", "U+3164 (hangul filler)"),
        ("\x07", "U+0007 (control character)"),
        ("\n", "U+000A (control character)"),
    ],
    ids=ascii,
)
def test_an_invisible_character_within_an_identifier_is_rejected_by_name(
    character: str, name: str
) -> None:
    with pytest.raises(ValidationError, match=r"invisible character") as caught:
        clean_identifier(f"a{character}da")

    assert name in caught.value.messages[0]


def test_a_control_character_at_the_end_is_not_white_space() -> None:
    with pytest.raises(ValidationError):
        clean_identifier("ada\x07")


def test_white_space_within_a_phone_number_becomes_a_space() -> None:
    assert without_invisible("\u200e+49\t30\u202f90\ufe0d18\u200920 ") == "+49 30 9018 20"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("ada@münchen.example", "ada@xn--mnchen-3ya.example"),
        ("ada@mu\u0308nchen.example", "ada@xn--mnchen-3ya.example"),
        ("ada@MÜNCHEN.example", "ada@xn--mnchen-3ya.example"),
        ("ada@XN--MNCHEN-3YA.example", "ada@xn--mnchen-3ya.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@strasse.example", "ada@strasse.example"),
        ("ada@\u4f8b\u3048\u3002\u30c6\u30b9\u30c8", "ada@xn--r8jz45g.xn--zckzah"),
        ("\ufeffada@example.org\u3000", "ada@example.org"),
    ],
    ids=ascii,
)
def test_a_mailbox_has_one_written_form(text: str, canonical: str) -> None:
    assert canonical_email(text) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\u00e4da@example.org", "“\u00e4” before the @"),
        ("ada@exa\u200bmple.org", "zero width space"),
        ("ada@\u00e9..org", "no domain"),
        ("ada@" + "\u00e9" * 300 + ".org", "too long"),
    ],
    ids=ascii,
)
def test_an_address_that_cannot_be_is_rejected_with_its_reason(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        canonical_email(text)
