"""Every exception of the API becomes the one envelope."""

from typing import Any

from django.conf import settings
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import Model
from django.http import Http404
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from api.bodies.uploads import FileTooLarge
from api.errors.responses import ErrorBody, error_body
from api.errors.statuses import status_of
from core import exceptions as errors

BUSY_RETRY_SECONDS = 1
# What depends on what is stored.
_REFUSALS = (
    errors.ValidationFailed,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    DjangoValidationError,
    IntegrityError,
)


class _HttpError(exceptions.APIException):
    """An APIException whose status is known only when it is raised."""

    def __init__(
        self, http_status: int, message: str, code: str, *, wait: int | None = None
    ) -> None:
        super().__init__(message, code)
        self.status_code = http_status
        self.wait = wait


def to_api_exception(error: Exception) -> exceptions.APIException | None:
    """The API's answer to `error`; None when it is nobody's expected failure."""
    match error:
        case exceptions.NotAuthenticated() if error.detail == error.default_detail:
            return _from_domain(errors.NotAuthenticated())
        case exceptions.APIException():
            return error
        case errors.DomainError():
            return _from_domain(error)
        case DjangoValidationError():
            return _from_validation(error)
        case Http404():
            return exceptions.NotFound(errors.NotFound.message)
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            message = str(error) if isinstance(error, FileTooLarge) else "The body is too large."
            return _HttpError(413, message, "too_large")
        case SuspiciousOperation():
            return exceptions.ParseError(_what_is_malformed(error))
        case DatabaseError() | InterfaceError() | OverflowError():
            return _from_database(error)
    return None


def _what_is_malformed(error: SuspiciousOperation) -> str:
    if isinstance(error, TooManyFieldsSent):
        return f"The form has more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields."
    if isinstance(error, TooManyFilesSent):
        return f"The form has more than {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files."
    return "The request is malformed."


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, _REFUSALS) and _is_account_deleted(context["request"]):
        error = errors.NotAuthenticated("This account has been deleted.", code="token_not_valid")
    return _EnvelopeHandler(error, context).run()  # type: ignore[arg-type]  # its TypedDict


def _is_account_deleted(request: Request) -> bool:
    """Whether the caller's account went during the call, and the rows that were looked for with it.
    The next call gets the same response."""
    user: Any = request.user
    return isinstance(user, Model) and not type(user)._base_manager.filter(pk=user.pk).exists()


class _EnvelopeHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        return to_api_exception(exc) or exc

    def format_exception(self, exc: exceptions.APIException) -> ErrorBody:  # type: ignore[override]  # a TypedDict is a dict
        body: ErrorBody = _EnvelopeFormatter(exc, self.context, self.exc).run()
        return body


class _EnvelopeFormatter(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> ErrorBody:
        if error_response.type == "server_error" and not isinstance(self.exc, _HttpError):
            message = "Something went wrong on our side; try again later."
            return error_body("server_error", [{"code": "error", "detail": message, "attr": None}])
        return error_body(
            error_response.type,
            [
                {
                    "code": error.code,
                    "detail": error.detail,
                    "attr": None if error.attr == api_settings.NON_FIELD_ERRORS_KEY else error.attr,
                }
                for error in error_response.errors
            ],
        )


def _from_domain(error: errors.DomainError) -> exceptions.APIException:
    if isinstance(error, errors.ValidationFailed):
        detail = exceptions.ErrorDetail(error.message, error.code)
        return exceptions.ValidationError(
            {error.attr or api_settings.NON_FIELD_ERRORS_KEY: [detail]}
        )
    if isinstance(error, errors.NotAuthenticated):
        refusal = exceptions.NotAuthenticated(error.message, error.code)
        refusal.auth_header = 'Bearer realm="api"'  # type: ignore[attr-defined]  # as DRF sets it
        return refusal
    wait = getattr(error, "retry_after_seconds", None)
    return _HttpError(status_of(type(error)), error.message, error.code, wait=wait)


def _from_validation(error: DjangoValidationError) -> exceptions.ValidationError:
    """Django's, keeping the codes; errors of the whole model stand under no field."""
    # Its two forms: errors by field, or a plain list.
    by_attr = getattr(error, "error_dict", None) or {NON_FIELD_ERRORS: error.error_list}
    return exceptions.ValidationError(
        {
            api_settings.NON_FIELD_ERRORS_KEY if attr == NON_FIELD_ERRORS else attr: [
                exceptions.ErrorDetail(message, item.code or "invalid")
                for item in items
                for message in item.messages
            ]
            for attr, items in by_attr.items()
        }
    )


def _from_database(error: Exception) -> exceptions.APIException | None:
    """The last resort: services refuse such input and states by name before they come here."""
    if isinstance(error, IntegrityError):
        return _HttpError(409, "This conflicts with something that exists already.", "conflict")
    if isinstance(error, DataError | OverflowError):
        return exceptions.ParseError("A value is out of range.")
    if isinstance(error, OperationalError | InterfaceError):
        return _HttpError(
            503,
            "The database is busy or unavailable; try again in a moment.",
            "unavailable",
            wait=BUSY_RETRY_SECONDS,
        )
    return None
