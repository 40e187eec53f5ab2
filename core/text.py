"""Text as it is compared and searched.

Done in Python and stored beside the original, because SQLite folds only ASCII while PostgreSQL
folds by locale.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError


def casefold_nfkc(value: str) -> str:
    """`value` as it is compared when case and Unicode form do not matter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())


# As escapes, since many of them look alike. https://www.unicode.org/charts/ tells which is which.
_APOSTROPHES = (
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02b9\u055a\u05f3\u2018\u2019"
    "\u201b\u2032\u2035\ua78c\uff07"
)
_DOTS = ".\u00b7\u2022\u2024\u2025\u2026\u2027\u2219\u22c5\u3002\u30fb\uff61\uff65"
_COLONS = ":\u02d0\u2236\ua789\uff1a\ufe55\ufe13"
# Besides the category Pd, which lacks the hyphen bullet and the minus sign.
_HYPHENS = "\u2043\u2212"
_TRADE_MARKS = "\u00a9\u00ae\u2117\u2120\u2122\u24b8\u24c7\U0001f16a\U0001f16b\U0001f16c"
# Deleted before normalization: NFKC makes the letters TM of a trade mark, and a space and an accent
# of an acute accent that stands for an apostrophe.
_IGNORED = dict.fromkeys(map(ord, _APOSTROPHES + _DOTS + _COLONS + _HYPHENS + _TRADE_MARKS))
# Spaces, dashes, and what is not seen: soft hyphens, joiners, direction marks.
_IGNORED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})
# Unicode knows no decomposition of these.
_STROKED = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "\u0131": "i",
    }
)
# They turn one kana into another one, as no accent does.
_KANA_VOICE_MARKS = frozenset("\u3099\u309a")
_WRITTEN_TRADE_MARK = re.compile(r"\(tm\)")


def comparison_key(text: str) -> str:
    """`text` without everything in which two spellings of one name differ: case, accents, spaces,
    apostrophes, hyphens, dots, colons and trade marks of every kind.

    Where nothing else is left, as of "...", the text itself, casefolded.
    """
    return _without_differences(text) or casefold_nfkc(text).strip()


def search_words(text: str) -> list[str]:
    """The words of `text` as they are compared. A stored text is found by a search when it holds
    each of the search's words."""
    return [key for word in text.split() if (key := _without_differences(word))]


def search_text(*texts: str | None) -> str:
    """What `search_words` are looked for in: the words of `texts`, with a space between them, so
    that no word reaches over two of them."""
    return " ".join(search_words(" ".join(text for text in texts if text)))


def _without_differences(text: str) -> str:
    bare = unicodedata.normalize("NFKD", casefold_nfkc(text.translate(_IGNORED)))
    letters = (
        character
        for character in bare.translate(_IGNORED).translate(_STROKED)
        if unicodedata.category(character) not in _IGNORED_CATEGORIES
        and (not unicodedata.combining(character) or character in _KANA_VOICE_MARKS)
    )
    return _WRITTEN_TRADE_MARK.sub("", unicodedata.normalize("NFC", "".join(letters)))


# Not seen although Unicode counts them as letters, marks or symbols (Default_Ignorable_Code_Point
# of https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt, and the empty Braille
# pattern).
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0000-\U000e0fff]")


def strip_invisible(text: str) -> str:
    """`text` without white space and invisible characters around it, as copying from web pages,
    chats and spreadsheets adds them."""
    start, end = 0, len(text)
    while start < end and _is_around(text[start]):
        start += 1
    while end > start and _is_around(text[end - 1]):
        end -= 1
    return text[start:end]


def without_invisible(text: str) -> str:
    """`text` without any invisible character, with plain spaces for white space of every kind."""
    return "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or not _is_unseen(character)
    ).strip()


# Control characters, line and paragraph separators, lone surrogates.
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Zl", "Zp", "Cs"})


def unreadable_name(name: str) -> str | None:
    """Why nobody could read `name` in a list, as a sentence; None when everybody can."""
    if not strip_invisible(name):
        return "Give a name."
    if any(unicodedata.category(character) in _UNPRINTABLE_CATEGORIES for character in name):
        return "Use a name without control characters or line breaks."
    return None


def unstorable(text: str) -> str | None:
    """Why no database stores `text`, as a sentence; None when all do."""
    if "\0" in text:
        return "Text must not contain NUL characters."
    try:
        text.encode()
    except UnicodeEncodeError:
        return "Text must not contain lone surrogates."
    return None


def clean_identifier(text: str) -> str:
    """`text` without what is invisible around it, as a name, an address or a code is stored and
    compared. Raises ValidationError for invisible and control characters within."""
    clean = strip_invisible(text)
    for character in clean:
        if character != " " and (character.isspace() or _is_unseen(character)):
            raise ValidationError(
                f"Remove the invisible character {_name_of(character)}.", code="invisible_character"
            )
    return clean


def _is_around(character: str) -> bool:
    return character.isspace() or (
        _is_unseen(character) and unicodedata.category(character) != "Cc"
    )


def _is_unseen(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Cf", "Cc", "Zl", "Zp")
        or character in _UNSEEN
        or _VARIATION_SELECTORS.match(character) is not None
    )


def _name_of(character: str) -> str:
    """As in the Unicode charts: "U+200B (zero width space)"."""
    name = unicodedata.name(character, "control character").lower()
    return f"U+{ord(character):04X} ({name})"
