"""HTTP/2 and HTTP/3 at the proxies, spoken by libcurl, in front of Foyers that speak HTTP/1.1."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.concurrency import CountingClients
from tests.neighbours.load import account, restart_in_turn
from tests.neighbours.proxies import PROXIES, Certificate, Proxy
from tests.system.installation import Installation

ADDRESS = "127.0.0.2"
# Longer than the 60 s after which many a client or balancer gives up a connection.
IDLE_SECONDS = 70
# About the connection or the moment, not about what was asked.
OF_THE_HOP = {"connection", "keep-alive", "transfer-encoding", "alt-svc", "date", "x-request-id"}


@pytest.fixture(scope="module")
def curl() -> Any:
    return pytest.importorskip("curl_cffi", reason="needs libcurl with HTTP/3 (PyPI: curl-cffi)")


@dataclass
class Front:
    """A proxy with a certificate, as reached with one version of HTTP."""

    curl: Any
    proxy: Proxy
    port: int
    certificate: Certificate
    version: int

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def session(self, version: int | None = None) -> Any:
        """Its requests go one after the other over one connection."""
        names = {1: "V1_1", 2: "V2TLS", 3: "V3ONLY"}
        options = {self.curl.CurlOpt.RESOLVE: [f"localhost:{self.port}:127.0.0.1"]}
        return self.curl.requests.Session(
            base_url=self.url,
            verify=str(self.certificate.chain),
            http_version=self.curl.CurlHttpVersion[names[version or self.version]],
            interface=ADDRESS,
            curl_options=options,
            timeout=90,
        )


FRONTS = {"nginx": 2, "caddy": 2, "caddy-3": 3, "haproxy": 2, "apache": 2}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.in_folder(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module", params=list(FRONTS))
def front(
    request: pytest.FixtureRequest,
    curl: Any,
    certificate: Certificate,
    data_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    proxy = PROXIES[request.param.partition("-")[0]]
    foyer = web_server(data_dir)
    folder = tmp_path_factory.mktemp("proxy")
    with (
        foyer.running("run_web"),
        proxy.running(folder, f"127.0.0.1:{foyer.port}", certificate=certificate) as port,
    ):
        yield Front(curl, proxy, port, certificate, FRONTS[request.param])


def web_server(data_dir: Path) -> Installation:
    return Installation(data_dir, TRUSTED_PROXIES="1", WEB_WORKERS="1", HTTPS="true")


def sign_up(session: Any, name: str) -> None:
    """The session goes on as this person."""
    response = session.post("/users", json=account(name))
    assert response.status_code == 201, response.text
    session.headers["Authorization"] = f"Bearer {response.json()['access']}"


def test_signing_up_and_uploading(front: Front) -> None:
    name = f"uploads-{front.port}"
    picture = BytesIO()
    Image.effect_noise((1200, 1200), 80).save(picture, "PNG")
    form = front.curl.CurlMime()
    form.addpart("avatar", filename="noise.png", content_type="image/png", data=picture.getvalue())
    with front.session() as session:
        sign_up(session, name)
        uploaded = session.put("/users/me/avatar", multipart=form)
        shown = session.get(uploaded.json()["avatar"])
        sessions = session.get("/auth/sessions")

    assert len(picture.getvalue()) > 1_000_000
    assert (uploaded.status_code, shown.status_code) == (200, 200)
    assert uploaded.http_version == {2: 3, 3: 30}[front.version]  # libcurl's constants
    assert uploaded.json()["avatar"].startswith(f"{front.url}/")
    assert ADDRESS in sessions.text


def test_a_body_without_a_length_arrives_whole_or_is_rejected_with_a_reason(front: Front) -> None:
    """HTTP/2 and HTTP/3 need none; Foyer does."""
    text = json.dumps(account(f"lengthless-{front.port}")) + " " * 100_000
    status, body = post_without_length(front, "/users", text.encode())

    if front.proxy.collects_lengthless:
        assert status == 201
    else:
        assert (status, body["errors"][0]["code"]) == (411, "length_required")


def test_a_body_that_is_too_large_for_its_call_is_413_in_the_form_of_the_api(front: Front) -> None:
    """libcurl sends `Expect: 100-continue` over HTTP/1.1."""
    json_type = {"Content-Type": "application/json"}
    with front.session() as session, front.session(1) as older:
        responses = [
            each.post("/users", data=b" " * size, headers=json_type)
            for each in (session, older)
            for size in (2 * 1024 * 1024, 12 * 1024 * 1024) * 5
        ]

    assert {response.status_code for response in responses} == {413}
    assert {response.json()["errors"][0]["code"] for response in responses} == {"too_large"}


def post_without_length(front: Front, path: str, body: bytes) -> tuple[int, Any]:
    option = front.curl.CurlOpt
    received, rest = BytesIO(), BytesIO(body)
    with front.session() as session:
        handle = front.curl.Curl()
        for name, value in {
            option.URL: front.url + path,
            option.RESOLVE: session.curl_options[option.RESOLVE],
            option.CAINFO: session.verify,
            option.HTTP_VERSION: session.http_version,
            option.UPLOAD: 1,
            option.CUSTOMREQUEST: b"POST",
            option.READFUNCTION: rest.read,
            option.HTTPHEADER: [b"Content-Type: application/json"],
            option.WRITEDATA: received,
        }.items():
            handle.setopt(name, value)
        handle.perform()
        status = handle.getinfo(front.curl.CurlInfo.RESPONSE_CODE)
        handle.close()
    return status, json.loads(received.getvalue())


def test_headers_are_those_of_http_1_in_small_letters(front: Front) -> None:
    with front.session() as session, front.session(1) as older:
        responses = [each.get("/games") for each in (session, older)]
        etag = responses[0].headers["ETag"]
        again = session.get("/games", headers={"If-None-Match": etag})
        missing = session.get("/users/me")

    new, old = (
        {name.lower(): value for name, value in response.headers.items()} for response in responses
    )
    assert all(name == name.lower() for name in responses[0].headers)
    assert {name for name in new if new[name] != old.get(name)} <= OF_THE_HOP
    assert new.keys() ^ old.keys() <= OF_THE_HOP
    assert (again.status_code, again.headers["ETag"]) == (304, etag)
    assert (missing.status_code, missing.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_the_next_request_after_more_than_a_minute(front: Front) -> None:
    """It goes over the same connection, but for HTTP/3: Caddy ends those after 30 s."""
    with front.session() as session:
        session.curl_infos = [front.curl.CurlInfo.NUM_CONNECTS]
        first = session.get("/genres")
        time.sleep(IDLE_SECONDS)
        second = session.post("/users", json=account(f"idle-{front.port}"))

    assert (first.status_code, second.status_code) == (200, 201)
    new_connections = second.infos[front.curl.CurlInfo.NUM_CONNECTS]
    assert new_connections == (1 if front.version == 3 else 0)


class Load(CountingClients):
    """Clients that read and sign up until told to stop, each over a connection of its own."""

    def __init__(self, front: Front, *, clients: int = 4) -> None:
        self._front = front
        super().__init__(clients)

    def work(self, number: int) -> None:
        with self._front.session() as session:
            for attempt in range(100_000):
                if self.stopped.is_set():
                    break
                try:
                    name = f"load-{self._front.port}-{number}-{attempt}"
                    statuses = [
                        session.get("/genres").status_code,
                        session.post("/users", json=account(name)).status_code,
                    ]
                except self._front.curl.requests.exceptions.RequestException as error:
                    self.failed.append(error)
                    continue
                if statuses == [200, 201]:
                    self.succeeded += 2
                else:
                    self.failed.append(statuses)


def test_restarts_of_foyer_under_load_fail_no_request(
    front: Front, data_dir: Path, tmp_path: Path
) -> None:
    """One web server for a proxy that waits; two, restarted in turn, for one that does not."""
    foyers = [web_server(data_dir) for _ in range(1 if front.proxy.waits_for_upstream else 2)]
    with ExitStack() as stack:
        servers = [stack.enter_context(foyer.running("run_web")) for foyer in foyers]
        upstreams = [f"127.0.0.1:{foyer.port}" for foyer in foyers]
        port = stack.enter_context(
            front.proxy.running(tmp_path, *upstreams, certificate=front.certificate)
        )
        with Load(replace(front, port=port)) as load:
            load.wait_for(20)
            restart_in_turn(stack, foyers, servers, then=lambda: load.wait_for(20))

    assert load.failed == []
