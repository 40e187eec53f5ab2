"""Query strings, read as strictly as bodies. An empty value counts as none."""

import re
from datetime import date
from typing import Any

from rest_framework import serializers

from api.fields import StrictDateField

LARGEST_ID = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")


class WholeNumberField(serializers.IntegerField):
    """In ASCII digits; `1.0` and `true` are none."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and _DIGITS.fullmatch(data):
            return int(data)
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class IdField(WholeNumberField):
    """The id of a row, which fits into the column."""

    default_error_messages = {"invalid": "An id is a whole number from 1 on."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **kwargs)


class DayRangeSerializer(serializers.Serializer[Any]):
    """`?start=&end=`, days in UTC; either or both, both included."""

    start = StrictDateField(required=False, help_text="First day (UTC), included.")
    end = StrictDateField(required=False, help_text="Last day (UTC), included.")

    def validate(self, attrs: dict[str, date]) -> dict[str, date]:
        if "start" in attrs and "end" in attrs and attrs["start"] > attrs["end"]:
            raise serializers.ValidationError({"start": "start must not be after end."})
        return attrs
