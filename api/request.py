"""Requests of the API: DRF's, with bodies that say what is wrong with them."""

from typing import Any

from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.request import Request


class ApiRequest(Request):
    def _parse(self) -> Any:
        """Only an endpoint that takes an object asks for the body: others ignore it.

        DRF would take no body for an empty object, and a PUT would replace everything by nothing.
        """
        coding = self.META.get("HTTP_CONTENT_ENCODING") or "identity"
        if coding.lower() != "identity":
            message = f"Send the body as it is, without Content-Encoding: {coding:.100}."
            raise UnsupportedMediaType(self.content_type, message)
        if self.stream is None:
            raise ParseError(
                f"The body is empty, and this endpoint takes {self._media_types()}.", "empty_body"
            )
        try:
            return super()._parse()  # type: ignore[misc]  # not in DRF's stubs
        except UnsupportedMediaType as error:
            raise UnsupportedMediaType(self.content_type, self._taken()) from error

    def _media_types(self) -> str:
        return " or ".join(parser.media_type for parser in self.parsers or ())

    def _taken(self) -> str:
        sent = f"not {self.content_type!r:.100}" if self.content_type else "which is missing"
        return f"The Content-Type of this endpoint is {self._media_types()}, {sent}."
