"""Reporting everything that is wrong with a request at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from core.exceptions import ValidationFailed


class FieldErrors:
    """Collects the errors of several checks and raises them together."""

    def __init__(self, found: ValidationError | None = None) -> None:
        self._by_field: dict[str, list[ValidationError]] = dict(found.error_dict) if found else {}

    @property
    def fields(self) -> set[str]:
        """The fields with errors; "organizations" for an error of "organizations.0"."""
        return {attr.partition(".")[0] for attr in self._by_field}

    @property
    def found(self) -> ValidationError | None:
        return ValidationError(self._by_field) if self._by_field else None

    @contextmanager
    def collect(self, attr: str | None = None) -> Iterator[None]:
        """Keep what the block raises, under its own fields or else under `attr`."""
        try:
            yield
        except ValidationFailed as error:
            self.add(error.attr or attr, ValidationError(error.message, code=error.code))
        except ValidationError as error:
            by_field = getattr(error, "error_dict", None) or {attr: error.error_list}
            for field, items in by_field.items():
                for item in items:
                    self.add(field, item)

    def add(self, attr: str | None, error: ValidationError) -> None:
        self._by_field.setdefault(attr or NON_FIELD_ERRORS, []).append(error)

    def raise_if_any(self) -> None:
        """Raise one ValidationError with all of them."""
        if (error := self.found) is not None:
            raise error
