"""One session ended by many requests at one instant, in the threads of two processes."""

from collections import Counter
from pathlib import Path

import pytest
import requests

from tests.factories import PASSWORD, UserFactory
from tests.users.concurrency import at_once, server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.system,
    pytest.mark.usefixtures("owasp_hashes"),
]


def test_exactly_one_request_ends_a_session(tmp_path: Path) -> None:
    UserFactory.create(username="ada")
    with server(tmp_path / "data") as foyer:
        body = {"username": "ada", "password": PASSWORD}

        def new_token() -> dict[str, str]:
            token = requests.post(f"{foyer.url}/auth", json=body, timeout=60).json()["token"]
            return {"Authorization": f"Bearer {token}"}

        def delete(path: str, headers: dict[str, str]) -> int:
            response = requests.delete(f"{foyer.url}{path}", headers=headers, timeout=60)
            return response.status_code

        here, there = new_token(), new_token()
        sessions = requests.get(f"{foyer.url}/auth/sessions", headers=here, timeout=60).json()
        (other,) = [session["id"] for session in sessions if not session["current"]]

        of_the_other = at_once(16, lambda _: delete(f"/auth/sessions/{other}", here))
        of_its_own = at_once(16, lambda _: delete("/auth", here))

        assert Counter(of_the_other) == {204: 1, 404: 15}
        assert Counter(of_its_own) == {204: 1, 401: 15}
        assert delete("/auth", there) == 401
