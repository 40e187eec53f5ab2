"""Serializer fields stricter than DRF's."""

from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from core.dates import has_form_of_iso_date, parse_iso_date
from core.text import clean_identifier, unreadable_name


class StrictDateField(serializers.DateField):
    """`YYYY-MM-DD` in ASCII digits and nothing else that Python would read as a date."""

    def to_internal_value(self, value: Any) -> date:
        day = parse_iso_date(value) if isinstance(value, str) else None
        if day is None and isinstance(value, str) and has_form_of_iso_date(value):
            message = f"{value} is not a day of the calendar."
            raise serializers.ValidationError(message, code="invalid")
        if day is None:
            self.fail("invalid", format="YYYY-MM-DD")
        return day


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


class ChoiceField(serializers.ChoiceField):
    """One of a few words; an error lists them."""

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        if key == "invalid_choice":
            choices = ", ".join(map(str, self.choices))
            message = f"{str(kwargs['input'])!r:.100} is not one of: {choices}."
            raise serializers.ValidationError(message, code=key)
        super().fail(key, **kwargs)


class TextField(serializers.CharField):
    """Text, and not a number that CharField would turn into text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # Counted as it was sent: the spaces around it that are taken off are no loophole.
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class NameField(TextField):
    """The name of something: a line that can be seen."""

    def problem_of(self, name: str) -> str | None:
        """Why it cannot be stored, as a sentence; None when it can."""
        return unreadable_name(name)

    def run_validators(self, value: str) -> None:
        super().run_validators(value)
        if problem := self.problem_of(value):
            raise serializers.ValidationError(problem)
