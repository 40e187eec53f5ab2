"""Exceptions of the domain: a stable code and a message a person can act on.

No HTTP here; `api.errors.handler` maps each class to a status.
"""


class DomainError(Exception):
    """An expected failure; it becomes a 4xx or 503 response and is not logged as an error."""

    code: str = "error"
    message: str = "The request was rejected."
    # The field of the body that is wrong.
    attr: str | None = None

    def __init__(
        self, message: str | None = None, *, code: str | None = None, attr: str | None = None
    ) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.attr = attr or self.attr
        super().__init__(self.message)


class ValidationFailed(DomainError):
    """The input cannot be right; `attr` names the field."""

    code = "invalid"


class NotAuthenticated(DomainError):
    code = "not_authenticated"
    message = "Log in first: this call needs a valid token."


class Forbidden(DomainError):
    code = "permission_denied"
    message = "You may not do this."


class NotFound(DomainError):
    code = "not_found"
    # The same for what does not exist and for what the caller may not see.
    message = (
        "There is nothing of this id or name that you may see. Take one that a list shows you."
    )


class Conflict(DomainError):
    """Right in itself, but not in the present state of things."""

    code = "conflict"


class PreconditionFailed(DomainError):
    code = "precondition_failed"
    message = (
        "This has been changed since you read it. Get it again, and repeat your change with the"
        " new ETag."
    )


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
