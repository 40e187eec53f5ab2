"""Text as it is compared and searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import comparison_key, search_text, search_words


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Assassin\u2019s Creed\u2122 II", "assassinscreedii"),
        ("Łódź", "lodz"),
        ("STRASSE", comparison_key("straße")),
        ("İstanbul", "istanbul"),
        ("N++ (TM)", "n++"),
        ("P.T.", "pt"),
        ("...", "..."),
        ("\u2122", "tm"),
        ("A\u200bB\u00adC", "abc"),
        ("\u30ac", "\u30ac"),
    ],
)
def test_comparison_key_leaves_out_what_spellings_differ_in(text: str, key: str) -> None:
    assert comparison_key(text) == key


@given(st.text(min_size=1))
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    stored = search_text(text)

    assert all(word in stored for word in search_words(text))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_key_is_never_empty_for_a_text_that_shows_something(text: str) -> None:
    assert comparison_key(text) or not text.strip()


def test_words_of_different_texts_are_not_joined() -> None:
    assert search_text("ada", None, "lovelace") == "ada lovelace"
