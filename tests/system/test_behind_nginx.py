"""Foyer behind nginx as shipped, on other ports than 80 and 443."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.system.installation import Installation
from tests.system.nginx import Nginx, needs_nginx

pytestmark = needs_nginx

PASSWORD = "ten green bottles"
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@dataclass
class Site:
    """One of the two addresses of nginx."""

    url: str
    certificate: Path
    headers: dict[str, str] = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = self.headers | options.pop("headers", {})
        return self.session.request(
            method,
            path if path.startswith(self.url) else f"{self.url}{path}",
            headers=headers,
            timeout=30,
            verify=str(self.certificate),
            **options,
        )


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("nginx")
    installation = Installation(
        folder / "data",
        TRUSTED_PROXIES="1",
        ALLOWED_HOSTS="localhost",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    installation.data_dir.mkdir()
    for command in (
        ["setup"],
        ["createsuperuser", "--noinput", "--username", "root"],
    ):
        outcome = installation.manage(*command)
        assert outcome.returncode == 0, outcome.stderr
    server = Nginx(folder / "nginx", port=installation.port)
    with installation.running("run_web"), server.running():
        yield server


@pytest.fixture(params=["http", "https"])
def site(nginx: Nginx, request: pytest.FixtureRequest) -> Site:
    return Site(getattr(nginx, request.param), nginx.certificate)


@pytest.fixture
def person(site: Site) -> Site:
    name = re.sub(r"\W", "-", site.url)
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    site.ask("POST", "/auth/signup", json=body)
    answer = site.ask("POST", "/auth/token", json={"username": name, "password": PASSWORD})
    site.headers = {"Authorization": f"Bearer {answer.json()['access']}"}
    return site


class TestAddressesKeepThePort:
    def test_addresses_keep_the_port_of_a_picture_and_it_can_be_fetched(self, person: Site) -> None:
        answer = person.ask("PUT", "/users/me/avatar", files={"avatar": ("a.gif", GIF)})

        avatar = answer.json()["avatar"]
        assert avatar.startswith(f"{person.url}/avatars/")
        assert person.ask("GET", avatar).status_code == 200

    def test_addresses_keep_the_port_of_the_next_page(self, site: Site) -> None:
        answer = site.ask("GET", "/games?page_size=1")

        assert f"<{site.url}/games?" in answer.headers.get("Link", f"<{site.url}/games?")

    def test_addresses_keep_the_port_of_a_new_account(self, site: Site) -> None:
        name = re.sub(r"\W", "-", f"new-{site.url}")

        answer = site.ask("POST", "/user", json={"username": name, "password": PASSWORD})

        assert answer.headers["Location"] == f"{site.url}/user/{name}"

    def test_addresses_keep_the_port_of_a_shared_page(self, person: Site) -> None:
        answer = person.ask("POST", "/api/users/share")

        assert answer.json()["url"].startswith(f"{person.url}/users/")

    def test_addresses_keep_the_port_of_the_documentation(self, site: Site) -> None:
        assert site.ask("GET", "/").json()["documentation"] == f"{site.url}/docs"


def test_the_admin_logs_in_where_the_origin_has_a_port(site: Site) -> None:
    page = site.ask("GET", "/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token

    answer = site.ask(
        "POST",
        "/admin/login/",
        data={
            "username": "root",
            "password": PASSWORD,
            "csrfmiddlewaretoken": token[1],
            "next": "/admin/",
        },
        headers={"Origin": site.url, "Referer": f"{site.url}/admin/login/"},
        allow_redirects=False,
    )

    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"] == "/admin/"


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Forwarded-Port", "X_Forwarded_Host"])
def test_a_client_cannot_choose_the_address_that_links_lead_to(site: Site, name: str) -> None:
    answer = site.ask("GET", "/", headers={name: "8443" if "Port" in name else "localhost:9"})

    assert answer.json()["documentation"] == f"{site.url}/docs"


class TestLargeFiles:
    def test_a_picture_gets_the_same_413_from_foyer_and_from_nginx(self, person: Site) -> None:
        limit = 10 * 1024 * 1024
        for size in (limit + 1, limit + 1_500_000, limit + 4_000_000):
            files = {"avatar": ("a.jpg", b"\xff\xd8\xff" + bytes(size - 3))}

            answer = person.ask("PUT", "/users/me/avatar", files=files)

            assert answer.status_code == 413, (size, answer.text)
            assert answer.json()["error"] == "The file is larger than 10 MiB."

    def test_an_import_may_be_larger_than_a_picture(self, person: Site) -> None:
        path = "/api/repos/00000000-0000-4000-8000-000000000000/import"

        fits = person.ask("POST", path, files={"file": ("a.csv", bytes(20 * 1024 * 1024))})
        too_large = person.ask("POST", path, files={"file": ("a.csv", bytes(35 * 1024 * 1024))})

        assert fits.status_code < 413, fits.text
        assert too_large.status_code == 413
        assert too_large.json()["error"] == "The file is larger than 32 MiB."
