"""One written form for each mailbox, so that no mailbox has two accounts."""

import unicodedata

import idna
from django.core.exceptions import ValidationError

from core.text import clean_identifier

MAX_DOMAIN_LENGTH = 253


def canonical_email(text: str) -> str:
    """`text` in lower case with its domain in ASCII: the form that is stored, compared and mailed
    to.

    A domain outside ASCII is encoded by IDNA 2008 (RFC 5891), after UTS #46 has mapped capitals
    and compatibility forms: unlike IDNA 2003, "straße" and "strasse" stay two domains. Raises
    ValidationError for invisible characters, a name outside ASCII before the @ (RFC 6531 is not
    supported by enough mail servers) and a domain that cannot exist. The rest of the syntax is
    left to Django's EmailValidator.
    """
    local_part, at, domain = clean_identifier(text).rpartition("@")
    if not local_part.isascii():
        odd = next(character for character in local_part if not character.isascii())
        raise ValidationError(
            f"An email address with “{odd}” before the @ is not supported; give one with only "
            "ASCII characters before the @.",
            code="non_ascii_local_part",
        )
    return f"{local_part}{at}{_ascii_domain(domain)}".lower()


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    if len(domain) > MAX_DOMAIN_LENGTH:
        raise ValidationError("The domain is too long.", code="invalid_domain")
    try:
        composed = unicodedata.normalize("NFC", domain)
        return idna.encode(composed, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValidationError(
            f"There can be no domain “{domain}”: {error}.", code="invalid_domain"
        ) from error


def clean_login_name(text: str) -> str:
    """What is looked up for a username or an email address as somebody typed it. Raises
    ValidationError for invisible characters within."""
    name = clean_identifier(text)
    return canonical_email_if_possible(name) if "@" in name else name


def canonical_email_if_possible(text: str) -> str:
    """`canonical_email`, or `text` in lower case where there is none: for looking it up."""
    try:
        return canonical_email(text)
    except ValidationError:
        return text.lower()


def searchable_email(email: str | None) -> str | None:
    """`email` with its domain as people read it beside the form that is stored."""
    if not email or "xn--" not in email:
        return email
    local_part, _, domain = email.rpartition("@")
    try:
        return f"{email} {local_part}@{idna.decode(domain)}"
    except idna.IDNAError:
        return email
