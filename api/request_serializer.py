"""Request bodies whose errors are reported together with those of the service."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField
from rest_framework.settings import api_settings


class NullIsAbsentMixin:
    """For POST: null in an optional field counts as absent, as many clients send what they lack."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and not isinstance(data, QueryDict):
            fields: Mapping[str, Any] = self.fields  # type: ignore[attr-defined]  # a serializer's
            data = {
                name: value
                for name, value in data.items()
                if value is not None or name not in fields or fields[name].required
            }
        return super().to_internal_value(data)  # type: ignore[misc]  # a serializer's


class RequestSerializer(serializers.Serializer[Any]):
    # Reads types and formats; rules that need the database or the clock are the service's. No
    # docstring: the API description would show it for every request without one.

    _readable: dict[str, Any]

    def read(self) -> tuple[dict[str, Any], DjangoValidationError | None]:
        """The fields that could be read, and what is wrong with the others.

        The service checks the first and raises its errors and these together, so that a caller
        learns of everything at once.
        """
        self._readable = {}
        self.is_valid()
        return self._readable, _as_django_error(self.errors) if self.errors else None

    def rejected_names(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """What is wrong with names in the body that are no field."""
        return {}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        errors: dict[str, Any] = {
            name: [error] for name, error in self.rejected_names(data).items()
        }
        values: dict[str, Any] = {}
        for name, field in self.fields.items():
            if field.read_only:
                continue
            try:
                values[name] = field.run_validation(field.get_value(data))
            except ValidationError as error:
                errors[name] = error.detail
            except SkipField:
                continue
        self._readable = values
        if errors:
            raise ValidationError(errors)
        return values


def _as_django_error(errors: Mapping[str, Any]) -> DjangoValidationError:
    by_attr: dict[str, list[DjangoValidationError]] = {}
    for attr, detail in _flattened(errors):
        by_attr.setdefault(attr, []).append(DjangoValidationError(str(detail), code=detail.code))
    return DjangoValidationError(by_attr)


def _flattened(errors: Any, path: str = "") -> Iterator[tuple[str, ErrorDetail]]:
    """Errors of nested values under dotted names: "organizations.0"."""
    if isinstance(errors, ErrorDetail):
        yield path, errors
    elif isinstance(errors, Mapping):
        for name, inner in errors.items():
            is_whole = name == api_settings.NON_FIELD_ERRORS_KEY
            key = (path or NON_FIELD_ERRORS) if is_whole else f"{path}.{name}".lstrip(".")
            yield from _flattened(inner, key)
    else:
        for index, inner in enumerate(errors):
            yield from _flattened(
                inner, path if isinstance(inner, ErrorDetail) else f"{path}.{index}"
            )
