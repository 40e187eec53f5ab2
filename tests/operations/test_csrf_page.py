"""The page that says why a form of the admin was rejected."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_names_the_host_and_the_origin_that_differ() -> None:
    browser = Client(enforce_csrf_checks=True)

    answer = browser.post(
        "/admin/login/", HTTP_HOST="localhost", HTTP_ORIGIN="https://localhost:8443"
    )

    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("text/html")
    page = answer.content.decode()
    assert "http://localhost<" in page
    assert "https://localhost:8443<" in page
    assert "TRUSTED_PROXIES" in page


def test_says_to_reload_where_the_cookie_is_missing() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", HTTP_HOST="localhost")

    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_runs_no_script_of_an_origin() -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/admin/login/", HTTP_HOST="localhost", HTTP_ORIGIN="http://<script>alert(1)</script>"
    )

    assert b"<script>alert" not in answer.content
    assert "script-src 'self'" in answer["Content-Security-Policy"]
