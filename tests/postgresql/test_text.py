"""Text is compared and ordered alike, whatever the database and its locale."""

# ruff: noqa: RUF001  # letters of other alphabets are the point

import pytest
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import PASSWORD, GameFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_games_are_ordered_by_code_point(api: APIClient) -> None:
    names_in_any_order = ("d", "ça", "Zoo", "ä", "a b", "ab", "İ", "ı", "𝔊", "ｚ", "_", "1")
    # Years tell apart what would be one name.
    for year, name in enumerate(names_in_any_order, 1990):
        GameFactory.create(name=name, released=year)

    def names(ordering: str) -> list[str]:
        return [game["name"] for game in api.get(f"/games?ordering={ordering}").json()]

    ascending = ["1", "_", "a b", "ab", "d", "𝔊", "İ", "ｚ", "Zoo", "ä", "ça", "ı"]
    assert names("name") == ascending
    assert names("-name") == ascending[::-1]


def test_pages_ordered_by_name_lose_nothing(api: APIClient) -> None:
    for year, name in enumerate(("d", "ça", "Zoo", "ä", "a b", "ab", "İ", "ı", "_"), 1990):
        GameFactory.create(name=name, released=year)

    url, seen = "/games?ordering=name&page_size=2", []
    while url:
        page = api.get(url)
        seen += [game["name"] for game in page.json()]
        links = [link for link in page.headers.get("Link", "").split(", ") if 'rel="next"' in link]
        url = links[0].split(">")[0].removeprefix("<http://testserver") if links else ""

    assert seen == ["_", "a b", "ab", "d", "İ", "Zoo", "ä", "ça", "ı"]


@pytest.mark.parametrize("username", ["BILLING", "billing", "BiLlInG"])
def test_a_username_is_found_whatever_the_case(
    api: APIClient, api_as: ApiAs, username: str
) -> None:
    UserFactory.create(username="Billing", email="billing@example.org")

    logged_in = api.post("/auth", {"username": username, "password": PASSWORD})
    taken = api.post("/user", {"username": username, "password": PASSWORD})
    found = api_as(StaffFactory.create()).get(f"/user/{username}")

    assert (logged_in.status_code, taken.status_code, found.status_code) == (200, 400, 200)


def test_a_number_beyond_64_bits_is_refused_in_data(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())

    refused = client.patch("/users/me", {"data": {"distance": [1e22]}})

    assert refused.status_code == 400
    assert client.get("/users/me").json()["data"] == {}
