"""Organizations in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from organizations.models import Organization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["", "\u200b", "a\u2028b"], ids=ascii)
def test_a_name_that_cannot_be_read_is_refused_as_by_the_api(
    admin_client: Client, name: str
) -> None:
    response = admin_client.post(
        reverse("admin:organizations_organization_add"), {"name": name, "join": "open"}
    )

    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == {"name"}
    assert not Organization.objects.exists()
