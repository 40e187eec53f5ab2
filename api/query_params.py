"""Query strings, read as strictly as bodies. An empty filter, as a form with an empty field sends
it, counts as none."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.dates import DateRange, parse_date_range
from core.db.fields import MAX_ID
from core.exceptions import ValidationFailed

_DIGITS = re.compile(r"[0-9]{1,19}")


class WholeNumberField(serializers.IntegerField):
    """In ASCII digits; `1.0` and `true` are none."""

    def __init__(self, *, min_value: int, max_value: int, **kwargs: Any) -> None:
        is_not = f"is not a whole number from {min_value} to {max_value}."
        messages: dict[str, Any] = {
            "invalid": f"{{found}} {is_not}",
            # As Django's validators write what they found.
            "min_value": f"%(show_value)s {is_not}",
            "max_value": f"%(show_value)s {is_not}",
        }
        messages |= kwargs.pop("error_messages", {})
        super().__init__(
            min_value=min_value, max_value=max_value, error_messages=messages, **kwargs
        )

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and _DIGITS.fullmatch(data):
            return int(data)
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid", found=f"{str(data)!r:.100}")
        return data


class IdField(WholeNumberField):
    """The id of a row, which fits into the column."""

    def __init__(self, **kwargs: Any) -> None:
        message = f"An id is a whole number from 1 to {MAX_ID}."
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), message)
        super().__init__(min_value=1, max_value=MAX_ID, error_messages=messages, **kwargs)


class SearchField(serializers.CharField):
    """Words to look for. Django reads bytes that are not UTF-8, such as `Pok%E9mon`, as U+FFFD, and
    nothing would be found."""

    default_error_messages = {"not_utf_8": "Write the query string in UTF-8 (é is %C3%A9)."}

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if "\ufffd" in text:
            self.fail("not_utf_8")
        return text


class DateRangeSerializer(serializers.Serializer[Any]):
    """`?start=&end=` for the API description; `read_date_range` reads it."""

    start = serializers.DateField(required=False, help_text="First day (UTC), included.")
    end = serializers.DateField(required=False, help_text="Last day (UTC), included.")


def read_date_range(query: Mapping[str, str]) -> DateRange:
    """Raises ValidationError that names both, when both are wrong."""
    errors = {}
    for name in ("start", "end"):
        try:
            parse_date_range({name: query.get(name, "")})
        except ValidationFailed as error:
            errors[name] = [ErrorDetail(error.message, error.code)]
    if errors:
        raise ValidationError(errors)
    return parse_date_range(query)


def read_query(
    serializer: type[serializers.Serializer[Any]], parameters: Mapping[str, str]
) -> dict[str, Any]:
    """What a serializer of optional fields reads from a query string; without defaults if that has
    none of them. Raises ValidationError.

    A page that a cursor leads to often has none: making the serializer takes a twelfth of one.
    """
    if serializer._declared_fields.keys().isdisjoint(parameters):
        return {}
    query = serializer(data=parameters)
    query.is_valid(raise_exception=True)
    validated: dict[str, Any] = query.validated_data
    return validated
