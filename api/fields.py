"""Serializer fields stricter than DRF's."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from core.text import clean_identifier

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class StrictDateField(serializers.DateField):
    """`YYYY-MM-DD` in ASCII digits and nothing else that Python would read as a date."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class IdentifierField(serializers.CharField):
    """A name, an address or a code: white space and invisible characters around it are no part of
    it, and none are within."""

    def __init__(self, *, clean: Callable[[str], str] = clean_identifier, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)
        self._clean = clean

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # Measured as it was sent, too: cleaning is not meant for texts of any length.
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        try:
            text = self._clean(data)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages, code=error.code) from error
        if not text and not self.allow_blank:
            self.fail("blank")
        return text


class PasswordField(serializers.CharField):
    """A password exactly as sent, spaces included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            trim_whitespace=False, write_only=True, style={"input_type": "password"}, **kwargs
        )

    def to_internal_value(self, data: Any) -> str:
        # CharField would make "1" of the number 1.
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text, and not a number that CharField would turn into text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # Counted as it was sent: the spaces around it that are taken off are no loophole.
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)
