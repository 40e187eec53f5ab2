"""The short way to a parser or renderer leads to the one that DRF finds."""

from collections.abc import Sequence

import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.bodies.parsers import StrictJSONParser, StrictMultiPartParser
from api.negotiation import ContentNegotiation
from api.renderers import ORJSONRenderer


class CsvRenderer(ORJSONRenderer):
    media_type = "text/csv"


ACCEPT = [
    None,
    "*/*",
    "application/json",
    "application/json, text/plain, */*",
    "text/html,application/xhtml+xml,application/json",
    "text/csv, application/json",
    "text/csv,*/*",
    "application/*",
    "application/json; version=1",
    "application/json;version=2, application/json",
    "text/csv;q=0.9, application/json",
    "application/jsonp",
    "APPLICATION/JSON",
    "text/html",
]


def chosen(
    negotiation: BaseContentNegotiation, accept: str | None, renderers: Sequence[BaseRenderer]
) -> object:
    headers = {} if accept is None else {"Accept": accept}
    request = Request(APIRequestFactory().get("/", headers=headers))
    try:
        return negotiation.select_renderer(request, renderers)
    except NotAcceptable:
        return NotAcceptable


@pytest.mark.parametrize("accept", ACCEPT)
def test_the_renderer_is_that_of_drf(accept: str | None) -> None:
    for renderers in ([ORJSONRenderer()], [CsvRenderer(), ORJSONRenderer()]):
        assert chosen(ContentNegotiation(), accept, renderers) == chosen(
            DefaultContentNegotiation(), accept, renderers
        )


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "multipart/form-data; boundary=x",
        "text/plain",
        "Application/JSON",
    ],
)
def test_the_parser_is_that_of_drf(content_type: str) -> None:
    request = Request(APIRequestFactory().generic("POST", "/", "{}", content_type=content_type))
    json, form = StrictJSONParser(), StrictMultiPartParser()
    for parsers in ([json], [json, form], [form, json]):
        in_order: list[BaseParser] = list(parsers)
        assert ContentNegotiation().select_parser(
            request, in_order
        ) is DefaultContentNegotiation().select_parser(request, in_order)
