"""Parsers that refuse what the layers below would stumble over (contract: Conventions, Status)."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

MAXIMUM_DEPTH = 32
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def parse_json_object(raw: bytes | str) -> dict[str, Any]:
    """The JSON object in `raw`. Raises ParseError for whatever else it is.

    Refused besides bad syntax: invalid UTF-8, NUL and lone surrogates in text, integers beyond
    signed 64 bits, NaN and infinities, duplicate members, nesting deeper than 32.
    """
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise ParseError("The body is not valid UTF-8.") from error
    except RecursionError as error:
        raise ParseError(f"The JSON is nested deeper than {MAXIMUM_DEPTH} levels.") from error
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ParseError("The body must be a JSON object.")
    _refuse_hostile(value, depth=1)
    return value


def reject_unstorable_text(text: str) -> None:
    """Raise ParseError for what no database stores: NUL and lone surrogates."""
    if "\0" in text:
        raise ParseError("Text must not contain NUL characters.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ParseError("Text must not contain lone surrogates.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


def _integer(digits: str) -> int:
    if len(digits) <= 20 and _SMALLEST <= (value := int(digits)) <= _LARGEST:
        return value
    raise ValueError("an integer does not fit into 64 bits")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse_hostile(value: Any, *, depth: int) -> None:
    if isinstance(value, str):
        reject_unstorable_text(value)
    elif isinstance(value, dict | list):
        if depth > MAXIMUM_DEPTH:
            raise ParseError(f"The JSON is nested deeper than {MAXIMUM_DEPTH} levels.")
        if isinstance(value, dict):
            for name in value:
                reject_unstorable_text(name)
        for member in value.values() if isinstance(value, dict) else value:
            _refuse_hostile(member, depth=depth + 1)


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        return parse_json_object(stream.read())


class StrictMultiPartParser(MultiPartParser):
    """Forms with files; text fields obey the same rules as JSON text. A field occurs once, unless
    the view names it in `multi_value_fields`: of two the last would win in silence."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        parsed = super().parse(stream, media_type, parser_context)
        view = (parser_context or {}).get("view")
        repeated = getattr(view, "multi_value_fields", ())
        for name, values in [*parsed.data.lists(), *parsed.files.lists()]:
            reject_unstorable_text(name)
            if len(values) > 1 and name not in repeated:
                raise ParseError("A field of the form occurs twice.")
            for value in values:
                if isinstance(value, str):
                    reject_unstorable_text(value)
        return parsed
