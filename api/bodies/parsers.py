"""Parsers that refuse what the layers below would stumble over."""

import codecs
import json
import math
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import IO, Any, NoReturn

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from core.text import unstorable

MAX_DEPTH = 32
_LIST_ITEM = re.compile(r"(.+?)(?:\[[0-9]*\]|\.[0-9]+)", re.DOTALL)
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
# Django decodes forms with U+FFFD in place of what is not UTF-8. By this codec such bytes are lone
# surrogates, which no UTF-8 holds.
_UTF_8_OR_SURROGATES = "utf_8_or_surrogates"
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _find_codec(name: str) -> codecs.CodecInfo | None:
    if name != _UTF_8_OR_SURROGATES:
        return None

    def decode(data: Any, errors: str = "") -> tuple[str, int]:
        return codecs.utf_8_decode(data, "surrogateescape", True)

    return codecs.CodecInfo(codecs.utf_8_encode, decode, name=name)


codecs.register(_find_codec)


def parse_json_object(raw: bytes | str) -> dict[str, Any]:
    """The JSON object in `raw`. Raises ParseError for whatever else it is, and ValidationError
    under each property that holds text which no database stores.

    Refused besides bad syntax: invalid UTF-8, NUL and lone surrogates in text, integers beyond
    signed 64 bits, NaN and infinities, duplicate members, nesting deeper than 32.
    """
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        # Editors and shells of Windows put a byte order mark in front (RFC 8259 §8.1).
        text = text.removeprefix("\ufeff")
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
        raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ParseError("The body must be a JSON object.")
    _reject_unstorable((name, (member,)) for name, member in value.items())
    return value


def _reject_unstorable(
    fields: Iterable[tuple[str, Iterable[Any]]], wrong: dict[str, list[ErrorDetail]] | None = None
) -> None:
    """Raise ValidationError under each of the named fields that has such text in its values, beside
    what is `wrong` already, and ParseError for a name with it, which no response could hold."""
    found = dict(wrong or {})
    for name, values in fields:
        if problem := unstorable(name):
            raise ParseError(problem)
        for value in values:
            if problem := _unstorable_within(value, depth=2):
                found.setdefault(name, [ErrorDetail(problem, "unstorable_text")])
    if found:
        raise ValidationError(found)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in members if names.count(name) > 1)
        raise ValueError(f"the property {json.dumps(twice):.100} occurs twice")
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


def _unstorable_within(value: Any, *, depth: int) -> str | None:
    """Of the text in `value` at any level, names included. `depth` is that of the values in it."""
    if isinstance(value, str):
        return unstorable(value)
    if not isinstance(value, dict | list):
        return None
    if depth > MAX_DEPTH:
        raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    parts = chain(value, value.values()) if isinstance(value, dict) else value
    problems = (_unstorable_within(part, depth=depth + 1) for part in parts)
    return next(filter(None, problems), None)


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
    """Forms with files; text fields obey the same rules as JSON text.

    A field occurs once: of two the last would win in silence. Those that the view names in
    `multi_value_fields` are lists, also written `name[]`, `name[0]` or `name.0`. A field that was
    left empty counts as absent, as browsers send every field of a form.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        kind, _, parameters = (media_type or "").partition(";")
        context = {**(parser_context or {}), "encoding": _UTF_8_OR_SURROGATES}
        # Django knows the type in lower case alone (RFC 9110 §8.3.1).
        parsed = super().parse(stream, f"{kind.lower()};{parameters}", context)
        lists = frozenset(getattr(context.get("view"), "multi_value_fields", ()))
        fields = [*parsed.data.lists()]
        _reject_unstorable(fields, wrong=_not_utf_8(fields))
        text = QueryDict(mutable=True)
        for name, values in fields:
            text.setlistdefault(_without_index(name, lists)).extend(filter(None, values))
        for each in (text, parsed.files):
            _reject_repeated(each, lists)
        return DataAndFiles(text, parsed.files)


def _not_utf_8(fields: Iterable[tuple[str, list[str]]]) -> dict[str, list[ErrorDetail]]:
    message = "This is not text in UTF-8; if it is a file, send it with a filename."
    return {
        name: [ErrorDetail(message, "unstorable_text")]
        for name, values in fields
        if any(map(_SURROGATE.search, values))
    }


def _without_index(name: str, lists: frozenset[str]) -> str:
    match = _LIST_ITEM.fullmatch(name)
    return match[1] if match and match[1] in lists else name


def _reject_repeated(fields: "MultiValueDict[str, Any]", lists: frozenset[str]) -> None:
    twice = [name for name, values in fields.lists() if len(values) > 1 and name not in lists]
    if twice:
        message = ErrorDetail("This field occurs twice in the form.", "repeated")
        raise ValidationError({name: [message] for name in twice})
    for name, values in [*fields.lists()]:
        if not values:
            del fields[name]
