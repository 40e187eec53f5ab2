"""What trusted proxies say of a request, through the API."""

from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from api.forwarded import parse_address

DOCUMENTATION = "http://testserver/docs"


def documentation(api: APIClient, headers: dict[str, str]) -> str:
    extra: dict[str, Any] = {"HTTP_HOST": "testserver", **headers}
    found: str = api.get("/", **extra).json()["documentation"]
    return found


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ('"[2001:db8::7]:51234"', "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("unknown", None),
        ("", None),
        ("[", None),
        ("203.0.113.7.example", None),
    ],
)
def test_an_address_is_read_with_port_and_brackets(text: str, address: str | None) -> None:
    assert parse_address(text) == address


@pytest.mark.django_db
class TestOneTrustedProxy:
    @pytest.fixture(autouse=True)
    def _one(self) -> object:
        with override_settings(TRUSTED_PROXIES=1, ALLOWED_HOSTS=["testserver", "other.example"]):
            yield

    @pytest.mark.parametrize(
        ("headers", "address"),
        [
            ({"HTTP_HOST": "testserver:8443"}, "http://testserver:8443"),
            ({"HTTP_X_FORWARDED_HOST": "other.example:8443"}, "http://other.example:8443"),
            ({"HTTP_X_FORWARDED_PORT": "8443"}, "http://testserver:8443"),
            ({"HTTP_X_FORWARDED_PROTO": "https"}, "https://testserver"),
            ({"HTTP_X_FORWARDED_PROTO": "HTTPS"}, "https://testserver"),
            (
                {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_PORT": "443"},
                "https://testserver",
            ),
            # A hop behind the one that speaks TLS.
            (
                {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_PORT": "80"},
                "https://testserver",
            ),
            (
                {"HTTP_HOST": "testserver:8443", "HTTP_X_FORWARDED_PORT": "9000"},
                "http://testserver:8443",
            ),
            ({"HTTP_X_FORWARDED_HOST": "testserver, other.example"}, "http://other.example"),
            ({"HTTP_X_FORWARDED_PROTO": "https, http"}, "http://testserver"),
            # What cannot be right.
            ({"HTTP_X_FORWARDED_PORT": "99999999"}, "http://testserver"),
            ({"HTTP_X_FORWARDED_PORT": "0"}, "http://testserver"),
            ({"HTTP_X_FORWARDED_PORT": "8443/x"}, "http://testserver"),
            ({"HTTP_X_FORWARDED_PROTO": "javascript"}, "http://testserver"),
            ({"HTTP_X_FORWARDED_HOST": ""}, "http://testserver"),
        ],
    )
    def test_addresses_lead_to_where_the_client_came(
        self, api: APIClient, headers: dict[str, str], address: str
    ) -> None:
        assert documentation(api, headers) == f"{address}/docs"

    @pytest.mark.parametrize("host", ["evil.example", "testserver@evil.example", "a b", "x/y"])
    def test_a_forwarded_host_must_be_an_allowed_one(self, api: APIClient, host: str) -> None:
        answer = api.get("/", HTTP_X_FORWARDED_HOST=host)

        assert answer.status_code == 400
        assert "ALLOWED_HOSTS" in answer.json()["error"]


@pytest.mark.django_db
@override_settings(TRUSTED_PROXIES=0)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_X_FORWARDED_HOST", "localhost"),
        ("HTTP_X_FORWARDED_PORT", "9"),
        ("HTTP_X_FORWARDED_PROTO", "https"),
    ],
)
def test_forwarded_headers_are_ignored_without_a_trusted_proxy(
    api: APIClient, name: str, value: str
) -> None:
    assert documentation(api, {name: value}) == DOCUMENTATION
