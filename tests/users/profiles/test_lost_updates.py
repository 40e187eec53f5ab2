"""Edits with one `If-Match` at one instant, in the threads of two processes."""

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


def test_of_many_edits_of_what_was_read_once_exactly_one_passes(tmp_path: Path) -> None:
    UserFactory.create(username="ada")
    with server(tmp_path / "data") as foyer:
        log_in = {"username": "ada", "password": PASSWORD}
        token = requests.post(f"{foyer.url}/auth", json=log_in, timeout=60).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        me = requests.get(f"{foyer.url}/users/me", headers=headers, timeout=60)

        def edit(n: int) -> int:
            return requests.patch(
                f"{foyer.url}/users/me",
                json={"first_name": f"Ada {n}"},
                headers=headers | {"If-Match": me.headers["ETag"]},
                timeout=60,
            ).status_code

        assert Counter(at_once(32, edit)) == {200: 1, 412: 31}
