"""Answers as JSON, by orjson: several times faster than the standard library's encoder."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

# Times go through `_default`.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def _default(value: object) -> object:
    """A time becomes ISO 8601 in UTC with six digits of fraction and Z. By orjson, in a third of
    the time that `isoformat` takes: a page of plays has two hundred."""
    if isinstance(value, datetime):
        in_utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        written = orjson.dumps(in_utc, option=orjson.OPT_UTC_Z)
        # orjson leaves out a fraction that is zero, and clients that parse by a pattern stumble.
        return orjson.Fragment(written if in_utc.microsecond else written[:-2] + b'.000000Z"')
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, QuerySet):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


class ORJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8 by definition (RFC 8259 §8.1)
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=_default, option=_OPTIONS)
