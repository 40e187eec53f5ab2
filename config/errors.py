"""What a service may refuse: a stable code and a sentence a person can act on. No HTTP here;
`config.exception_handler` knows which status each kind becomes."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal that is part of the domain; answered, not logged as an error."""

    code: ClassVar[str] = "error"
    message: ClassVar[str] = "The request was refused."

    def __init__(
        self, message: str | None = None, *, code: str | None = None, attr: str | None = None
    ) -> None:
        self.sentence = message or self.message
        self.error_code = code or self.code
        self.attr = attr
        super().__init__(self.sentence)


class Invalid(DomainError):
    """The input cannot be right; `attr` names the member."""

    code = "invalid"


class NotAuthenticated(DomainError):
    code = "not_authenticated"
    message = "Log in first: this call needs a valid token."


class Forbidden(DomainError):
    code = "permission_denied"
    message = "You may not do this."


class NotFound(DomainError):
    code = "not_found"
    message = "There is nothing here."


class Conflict(DomainError):
    """Right in itself, but not in the present state of things."""

    code = "conflict"


class Unprocessable(DomainError):
    code = "unprocessable"


class _RetryLater(DomainError):
    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        attr: str | None = None,
        retry_after_seconds: int = 1,
    ) -> None:
        super().__init__(message, code=code, attr=attr)
        self.retry_after_seconds = retry_after_seconds


class TooManyRequests(_RetryLater):
    code = "throttled"
    message = "Too many requests; try again later."


class Unavailable(_RetryLater):
    code = "unavailable"
    message = "The service cannot do this right now; try again in a moment."
