"""GitHub tokens as people paste them."""

import re

from core.exceptions import ValidationFailed
from core.text import strip_invisible

# What stands around a token in .env files, shell commands, JSON and Authorization headers.
_AROUND = re.compile(
    r"(?:export\s+)?(?:[A-Za-z_][A-Za-z0-9_]*\s*[=:]\s*)?(?:(?:Bearer|token)\s+)?(.*)", re.DOTALL
)
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
_TOKEN = re.compile(r"[\x21-\x7e]{1,255}")


class NotAToken(ValidationFailed):
    code = "invalid_token"
    attr = "token"
    message = "This is not a GitHub token: those have only ASCII characters and no spaces."


def clean_github_token(text: str) -> str:
    """The token in `text`, without white space, quotes and `NAME=` around it.

    Raises NotAToken, which never repeats the text.
    """
    token = _stripped(text)
    if match := _AROUND.fullmatch(token):
        token = _stripped(match[1])
    if not token:
        raise NotAToken("The GitHub token is empty.")
    if not _TOKEN.fullmatch(token):
        raise NotAToken(
            f"This is not a GitHub token: it contains {_named(token)}. Paste the token alone."
        )
    return token


def _stripped(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = strip_invisible(text).strip(_QUOTES).rstrip(";,")
    return text


def _named(token: str) -> str:
    if len(token) > 255 and token.isascii():
        return "more than 255 characters"
    character = next((one for one in token if not _TOKEN.fullmatch(one)), "")
    if character.isspace():
        return "a line break" if character in "\r\n" else "a space"
    return f"the character U+{ord(character):04X}"
