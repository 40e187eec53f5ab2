"""Requests of the API: DRF's, with bodies that say what is wrong with them."""

from typing import Any

from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.request import Request


class ApiRequest(Request):
    def _parse(self) -> Any:
        """Only an endpoint that takes an object asks for the body: others ignore it.

        DRF would take no body for an empty object, and a PUT would replace everything by nothing.
        """
        if self.stream is None:
            raise ParseError("The body is empty, and this endpoint takes an object.", "empty_body")
        try:
            return super()._parse()  # type: ignore[misc]  # not in DRF's stubs
        except UnsupportedMediaType as error:
            raise UnsupportedMediaType(self.content_type, self._taken()) from error

    def _taken(self) -> str:
        taken = " or ".join(parser.media_type for parser in self.parsers or ())
        sent = f"not {self.content_type!r:.100}" if self.content_type else "which is missing"
        return f"The Content-Type of this endpoint is {taken}, {sent}."
