"""What a name in the catalogue may be: one rule for the API, the admin and import files."""

import unicodedata

from core.text import casefold_nfkc

GENRE_NAME_LENGTH = 100
GAME_NAME_LENGTH = 200

# Folding can lengthen a name: one Arabic ligature alone becomes 18 letters.
FOLDED_NAME_LENGTH = 400

# Control characters, line and paragraph separators, lone surrogates.
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Zl", "Zp", "Cs"})


def name_problem(name: str, *, max_length: int) -> str | None:
    """Why `name` cannot be stored, as a sentence; None when it can."""
    if not casefold_nfkc(name).strip():
        return "Give a name."
    if len(name) > max_length or len(casefold_nfkc(name)) > FOLDED_NAME_LENGTH:
        return f"Use at most {max_length} characters for the name."
    if any(unicodedata.category(character) in _UNPRINTABLE_CATEGORIES for character in name):
        return "Use a name without control characters or line breaks."
    return None


def search_words(term: str) -> list[str]:
    """The words of `term` as `search_text` holds them."""
    return search_text(term).split()


def search_text(name: str) -> str:
    """`name` folded and without accents, so that "pokemon" finds "Pokémon"."""
    decomposed = unicodedata.normalize("NFKD", casefold_nfkc(name))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
