"""`data` comes back as it was sent, value for value and in its order, on both databases."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

# As JSON texts: Python's own equality takes 1 for 1.0 and 0.0 for -0.0.
TEXTS = [
    '{"z":1,"a":2,"mm":3,"b":{"y":1,"x":2}}',
    '{"n":1e16}',
    '{"n":-0.0}',
    '{"n":0.0}',
    '{"n":1.0}',
    '{"n":1}',
    '{"n":1e-7}',
    '{"n":9223372036854775807}',
    '{"n":-9223372036854775808}',
    '{"n":0.1}',
    '{"n":123456789012345680.0}',
    '{"n":1.7976931348623157e-308}',
    '{"":null,"t":true,"f":false,"e":[],"o":{}}',
    '{"s":"Ω 😀 \\u2028 \\" \\\\ /"}',
    '{"list":[3,1,2,{"b":1,"a":2}]}',
]


def value_of(text: str) -> list[Any]:
    """With types, signs and order told apart."""
    return [repr(json.loads(text)), list(json.loads(text))]


@pytest.mark.parametrize("text", TEXTS)
def test_of_an_account_comes_back_as_it_was_sent(api_as: ApiAs, text: str) -> None:
    client: APIClient = api_as(UserFactory.create())

    changed = client.generic(
        "PATCH", "/users/me", f'{{"data":{text}}}', content_type="application/json"
    )
    read = client.get("/users/me")

    assert changed.status_code == 200, changed.content
    for answer in (changed, read):
        assert value_of(json.dumps(answer.json()["data"])) == value_of(text)


@pytest.mark.parametrize("text", [text for text in TEXTS if '""' not in text])
def test_of_a_flat_user_comes_back_as_it_was_sent(api_as: ApiAs, text: str) -> None:
    client: APIClient = api_as(UserFactory.create(username="ada"))

    client.generic("PUT", "/user/ada", f'{{"more":{text}}}', content_type="application/json")

    read = client.get("/user/ada").json()
    assert value_of(json.dumps(read["more"])) == value_of(text)


def test_a_text_of_json_is_a_text(api_as: ApiAs) -> None:
    client: APIClient = api_as(UserFactory.create(username="ada"))

    refused = client.patch("/users/me", {"data": '{"a": 1}'})
    client.put("/user/ada", {"text": '{"a": 1}'})

    assert refused.status_code == 400
    assert client.get("/user/ada").json()["text"] == '{"a": 1}'


def test_staff_edit_it_as_json(admin_client: Any) -> None:
    user = UserFactory.create(data={"b": 1, "a": -0.0})

    page = admin_client.get(f"/admin/users/user/{user.pk}/change/").content.decode()

    assert "{&quot;b&quot;: 1, &quot;a&quot;: -0.0}" in page
    assert repr(User.objects.get(pk=user.pk).data) == "{'b': 1, 'a': -0.0}"
