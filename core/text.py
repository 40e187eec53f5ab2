"""Folding of text for searching and comparing."""

import unicodedata


def casefold_nfkc(value: str) -> str:
    """`value` as it is compared when case and Unicode form do not matter.

    Done in Python and stored beside the original, because SQLite folds only ASCII while PostgreSQL
    folds by locale.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
