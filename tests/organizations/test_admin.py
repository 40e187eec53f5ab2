"""Organizations in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from organizations.models import Organization
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(StaffFactory.create(is_superuser=True))
    return client


@pytest.mark.parametrize("name", ["", "\u200b", "a\u2028b"], ids=ascii)
def test_a_name_that_cannot_be_read_is_refused_as_by_the_api(admin: Client, name: str) -> None:
    response = admin.post(
        reverse("admin:organizations_organization_add"), {"name": name, "join": "open"}
    )

    assert response.status_code == 200
    assert list(response.context["errors"].data) != []
    assert not Organization.objects.exists()
