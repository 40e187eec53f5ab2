"""What counts as the address of a GitHub repository.

The raw text is matched as a whole, never handed to a URL parser: parsers drop tabs and newlines,
take `github.com@evil.example` apart and walk `..`, each of which would let a stranger choose what
is asked with our credential.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from core.exceptions import ValidationFailed
from core.text import clean_identifier

MAX_URL_LENGTH = 255
RIGHT_FORM = "https://github.com/owner/name"

# GitHub's own limits: 39 characters for an account (managed ones add `_suffix`), 100 for a name.
# Old accounts may end in a hyphen, so hyphens are not judged.
_OWNER = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:_[A-Za-z0-9]{1,39})?"
_NAME = r"[A-Za-z0-9._-]{1,100}"
_REPOSITORY = re.compile(rf"(?i:https?://(?:www\.)?github\.com)/({_OWNER})/({_NAME})/?")
_DEEPER = re.compile(
    rf"(?i:https?://(?:www\.)?github\.com)/({_OWNER})/({_NAME})(?:/|[?#]|/[?#]).+", re.DOTALL
)
_OWNER_URL = re.compile(rf"(?i:https?://(?:www\.)?github\.com)/({_OWNER})/?")
_FULL_NAME = re.compile(rf"({_OWNER})/({_NAME})")


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """`owner` and `name` as typed; GitHub compares both without regard to case."""

    owner: str
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def key(self) -> str:
        """The same for every spelling of one repository."""
        return self.full_name.lower()

    @property
    def url(self) -> str:
        return f"https://github.com/{self.full_name}"

    def is_called(self, text: str) -> bool:
        """Whether `text`, `owner/name` or the bare name, means this repository."""
        known = self.full_name if "/" in text else self.name
        return text.casefold() == known.casefold()


class NotARepositoryUrl(ValidationFailed):
    code = "invalid_repository_url"
    attr = "url"
    message = f"This is not the address of a GitHub repository. The right form is {RIGHT_FORM}."


class NotAnOwnerUrl(ValidationFailed):
    code = "invalid_owner_url"
    attr = "url"
    message = (
        "This is not the address of a user or an organization on GitHub. The right form is"
        " https://github.com/owner."
    )


def parse_repository_url(text: str) -> RepositoryName:
    """The repository at `text`. Raises NotARepositoryUrl, which shows the right form."""
    text = _cleaned(text, NotARepositoryUrl)
    if match := _REPOSITORY.fullmatch(text):
        return _repository_name(match[1], match[2])
    if match := _DEEPER.fullmatch(text):
        repository = _repository_name(match[1], match[2])
        raise NotARepositoryUrl(
            f"Give the address of the repository itself, in the form {RIGHT_FORM}:"
            f" here {repository.url}."
        )
    raise NotARepositoryUrl


def parse_owner_url(text: str) -> str:
    """The login of the user or organization at `text`. Raises NotAnOwnerUrl."""
    match = _OWNER_URL.fullmatch(_cleaned(text, NotAnOwnerUrl))
    if match is None:
        raise NotAnOwnerUrl
    return match[1]


def is_login(text: str) -> bool:
    """Whether a user or an organization on GitHub can have this name."""
    return re.fullmatch(_OWNER, text) is not None


def _cleaned(text: str, error: type[ValidationFailed]) -> str:
    """Without what is invisible around it. Raises `error` for what is invisible within."""
    if len(text) > MAX_URL_LENGTH:
        raise error
    try:
        return clean_identifier(text)
    except ValidationError as invisible:
        found = " ".join(invisible.messages)
        raise error(f"{error.message} {found}") from invisible


def parse_full_name(text: str) -> RepositoryName | None:
    """`owner/name` as GitHub reports it in `full_name`, or None when it is not of that form."""
    match = _FULL_NAME.fullmatch(text)
    if match is None:
        return None
    try:
        return _repository_name(match[1], match[2])
    except NotARepositoryUrl:
        return None


def _repository_name(owner: str, name: str) -> RepositoryName:
    if name.lower().endswith(".git"):
        name = name[: -len(".git")]
    # Dot names would walk to other endpoints of the API, with our credential.
    if name in {"", ".", ".."} or name.lower().endswith((".git", ".wiki")):
        raise NotARepositoryUrl
    return RepositoryName(owner, name)
