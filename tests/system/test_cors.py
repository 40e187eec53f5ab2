"""Pages of other origins call the API from a browser (CORS_ALLOWED_ORIGINS)."""

from collections.abc import Iterator

import pytest
import requests

from tests.system.installation import Installation

APP = "https://app.example.org"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(
        tmp_path_factory.mktemp("cors"),
        CORS_ALLOWED_ORIGINS=f"{APP}:443, http://localhost:5173",
    )
    outcome = installation.manage("setup")
    assert outcome.returncode == 0, outcome.stderr
    with installation.running("run_web"):
        yield installation


def ask(server: Installation, method: str, path: str, **headers: str) -> requests.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, f"{server.url}{path}", headers=names, timeout=30)


def allowed(answer: requests.Response) -> str | None:
    return answer.headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("origin", [APP, "http://localhost:5173"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/games", 200),
        ("GET", "/users/me", 401),
        ("POST", "/users", 400),
        ("GET", "/x", 404),
    ],
)
def test_an_allowed_origin_may_read_answers_and_errors(
    server: Installation, origin: str, method: str, path: str, status: int
) -> None:
    answer = ask(server, method, path, Origin=origin)

    assert answer.status_code == status
    assert allowed(answer) == origin
    exposed = answer.headers["Access-Control-Expose-Headers"]
    for name in ("Link", "ETag", "Location", "Retry-After", "API-Version", "X-Request-ID"):
        assert name in exposed
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "origin" in answer.headers["Vary"].lower()


def test_the_preflight_allows_the_headers_of_the_api(server: Installation) -> None:
    answer = ask(
        server,
        "OPTIONS",
        "/playsessions",
        Origin=APP,
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization,content-type,idempotency-key",
    )

    assert answer.status_code == 200
    assert allowed(answer) == APP
    for name in ("authorization", "content-type", "idempotency-key", "if-match", "if-none-match"):
        assert name in answer.headers["Access-Control-Allow-Headers"]
    assert "x-api-token" in answer.headers["Access-Control-Allow-Headers"]
    assert {"PATCH", "PUT", "DELETE"} <= set(
        answer.headers["Access-Control-Allow-Methods"].split(", ")
    )


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://app.example.org.evil.example",
        "null",
    ],
)
def test_another_origin_may_not(server: Installation, origin: str) -> None:
    answer = ask(server, "GET", "/games", Origin=origin)

    assert answer.status_code == 200
    assert allowed(answer) is None
    # A cache between must not give this answer to the origin that may.
    assert "origin" in answer.headers["Vary"].lower()


def test_a_cached_response_is_allowed_to_its_own_origin(server: Installation) -> None:
    for origin in (APP, "http://localhost:5173", "https://evil.example", APP):
        answer = ask(server, "GET", "/genres", Origin=origin)

        assert allowed(answer) == (None if "evil" in origin else origin)


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/docs", f"/users/{'0' * 32}/repos", "/static/repos/x"]
)
def test_the_admin_and_the_pages_are_open_to_no_other_origin(
    server: Installation, path: str
) -> None:
    for method in ("GET", "OPTIONS"):
        answer = ask(server, method, path, Origin=APP, Access_Control_Request_Method="GET")

        assert allowed(answer) is None
