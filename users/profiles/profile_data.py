"""The additional JSON object of an account: any members, within bounds."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.core.exceptions import ValidationError

MAXIMUM_BYTES = 16 * 1024
MAXIMUM_LEVELS = 8
# Beyond, a number is an integer that no response could hold.
NUMBER_LIMIT = 2**63


def validate_profile_data(data: Any) -> Any:
    """`data` itself. Raises ValidationError unless it is an object of at most MAXIMUM_BYTES as
    compact JSON and at most MAXIMUM_LEVELS deep, itself included. Numbers fit into signed 64 bits.
    """
    if not isinstance(data, Mapping):
        raise ValidationError("The data must be a JSON object.", code="not_an_object")
    if _levels(data) > MAXIMUM_LEVELS:
        raise ValidationError(
            f"The data is nested deeper than {MAXIMUM_LEVELS} levels.", code="too_deep"
        )
    if _has_huge_number(data):
        raise ValidationError("The data has a number beyond 64 bits.", code="number_too_large")
    try:
        size = len(orjson.dumps(data))
    except TypeError as error:
        raise ValidationError("The data cannot be written as JSON.", code="invalid") from error
    if size > MAXIMUM_BYTES:
        raise ValidationError(
            f"The data is larger than {MAXIMUM_BYTES // 1024} KiB.", code="too_large"
        )
    return data


def _levels(value: object) -> int:
    """0 for a plain value; the parsers refuse what is nested too deep to be counted like this."""
    if isinstance(value, Mapping):
        return 1 + max(map(_levels, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_levels, value), default=0)
    return 0


def _has_huge_number(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_huge_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_huge_number, value))
    return isinstance(value, float) and abs(value) >= NUMBER_LIMIT
