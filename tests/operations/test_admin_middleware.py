import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


def test_a_session_of_the_admin_is_nobody_in_the_api() -> None:
    browser = Client()
    browser.force_login(StaffFactory.create(is_superuser=True))

    assert browser.get("/admin/").status_code == 200
    assert browser.get("/users/me").status_code == 401
    assert browser.post("/games", {}, content_type="application/json").status_code == 401


def test_the_api_sets_no_cookies(api: APIClient) -> None:
    assert not api.get("/games").cookies
    assert api.get("/admin/login/").cookies


def test_forms_of_the_admin_are_protected() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(StaffFactory.create(is_superuser=True))

    assert browser.post("/admin/logout/").status_code == 403
