"""Mails to account holders. Their texts are templates under users/templates/users/mail."""

import logging
import re
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from core.email_addresses import canonical_email_if_possible

_log = logging.getLogger("foyer.mail")

# SMTP replies from here on are final; those of the 400s ask to try again (RFC 5321 §4.2.1).
_FIRST_FINAL_REPLY = 500
_ENHANCED_CODE = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b")


def send_template_email(
    template: str, *, to: str, folder: str = "users/mail", **context: object
) -> None:
    """Send one mail: the first line of the template is its subject, the rest its text.

    Raises SMTPException or OSError when it is worth trying again. A mail that no server will ever
    take is given up, which the log says.
    """
    subject, _, text = render_to_string(f"{folder}/{template}.txt", context).partition("\n")
    message = EmailMessage(subject.strip(), text.lstrip("\n"), to=[canonical_email_if_possible(to)])
    try:
        _send(message)
    except (ValueError, SMTPRecipientsRefused, SMTPResponseException) as error:
        if not _is_final(error):
            raise _without_address(error) from None
        _log.warning("a mail was refused for good: %s (%s)", template, _codes(error))


def _send(message: EmailMessage) -> None:
    connection = get_connection()
    connection.open()
    try:
        connection.send_messages([message])
    finally:
        # Sent is sent: a server that stumbles over the good-bye must not get the mail again.
        try:
            connection.close()
        except OSError:
            _log.info("the mail server did not answer the end of the conversation")


def _without_address(error: Exception) -> Exception:
    """The worker logs what it tries again; logs hold nobody's address."""
    if isinstance(error, SMTPAuthenticationError):
        return error  # said before any address was
    return SMTPException(f"The mail server takes this mail later at best: {_codes(error)}.")


def _codes(error: Exception) -> str:
    """Those of the server's reply (RFC 3463), whose words often repeat the address."""
    replies: list[tuple[int, bytes | str]]
    match error:
        case SMTPRecipientsRefused():
            replies = list(error.recipients.values())
        case SMTPResponseException():
            replies = [(error.smtp_code, error.smtp_error)]
        case _:
            return "it cannot be written"
    found = [_ENHANCED_CODE.match(_text(words)) for _, words in replies]
    return ", ".join(
        f"{code} {enhanced[0]}" if enhanced else f"{code}"
        for (code, _), enhanced in zip(replies, found, strict=True)
    )


def _text(words: str | bytes) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


def _is_final(error: Exception) -> bool:
    match error:
        case SMTPRecipientsRefused():
            return all(reply >= _FIRST_FINAL_REPLY for reply, _ in error.recipients.values())
        case SMTPAuthenticationError():
            return False  # ours to mend
        case SMTPResponseException():
            return error.smtp_code >= _FIRST_FINAL_REPLY
    return True  # no mail at all: Django refuses line breaks in a header
