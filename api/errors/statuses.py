"""The HTTP status of each kind of domain exception."""

from rest_framework import status

from core import exceptions

_STATUS: dict[type, int] = {
    exceptions.DomainError: status.HTTP_400_BAD_REQUEST,
    exceptions.ValidationFailed: status.HTTP_400_BAD_REQUEST,
    exceptions.NotAuthenticated: status.HTTP_401_UNAUTHORIZED,
    exceptions.Forbidden: status.HTTP_403_FORBIDDEN,
    exceptions.NotFound: status.HTTP_404_NOT_FOUND,
    exceptions.Conflict: status.HTTP_409_CONFLICT,
    exceptions.PreconditionFailed: status.HTTP_412_PRECONDITION_FAILED,
    exceptions.Unprocessable: status.HTTP_422_UNPROCESSABLE_ENTITY,
    exceptions.TooManyRequests: status.HTTP_429_TOO_MANY_REQUESTS,
    exceptions.Unavailable: status.HTTP_503_SERVICE_UNAVAILABLE,
}


def status_of(exception: type[exceptions.DomainError]) -> int:
    """That of the nearest kind the class derives from."""
    return next(_STATUS[kind] for kind in exception.__mro__ if kind in _STATUS)
