"""The conventions that hold for every call, shown on a few."""

import re

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestErrors:
    @pytest.mark.parametrize("path", ["/games/4711", "/users/4711", "/organizations/4711"])
    def test_404_says_where_ids_are(self, api_as: ApiAs, path: str) -> None:
        answer = api_as(StaffFactory.create()).get(path)

        assert answer.status_code == 404
        assert answer.json()["error"] == (
            "There is nothing of this id or name that you may see. Take one that a list shows you."
        )

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("get", "/nothing/here", 404),
            ("get", "/users/me", 401),
            ("put", "/users", 405),
            ("post", "/users", 400),
            ("get", "/users/99999999999999999999999", 401),
        ],
    )
    def test_all_have_one_shape(self, api: APIClient, method: str, path: str, status: int) -> None:
        answer = getattr(api, method)(path)

        assert answer.status_code == status
        assert answer["Content-Type"] == "application/json"
        body = answer.json()
        assert set(body) == {"error", "type", "errors"}
        assert isinstance(body["error"], str)
        assert body["error"]
        assert all(set(error) == {"code", "detail", "attr"} for error in body["errors"])

    def test_validation_names_every_offending_member_at_once(self, api: APIClient) -> None:
        answer = api.post(
            "/users",
            {"email": "no", "username": "@", "password": "x", "birthdate": "2999-01-01"},
        )

        assert answer.status_code == 400
        assert answer.json()["type"] == "validation_error"
        named = {error["attr"] for error in answer.json()["errors"]}
        assert named == {"email", "username", "password", "birthdate"}
        assert all(name in answer.json()["error"] for name in named)

    def test_405_names_the_methods_and_comes_before_401(self, api: APIClient) -> None:
        answer = api.put("/users/me", {})

        assert answer.status_code == 405
        assert "PATCH" in answer["Allow"]
        assert answer.json()["error"] == (
            "PUT is not possible here; possible are GET, PATCH, DELETE, HEAD, OPTIONS."
        )

    @pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
    def test_errors_of_the_documents_have_the_same_shape(self, api: APIClient, path: str) -> None:
        wrong_method = api.post(path)
        wrong_type = api.get(path, HTTP_ACCEPT="image/png")
        options = api.options(path)

        assert (wrong_method.status_code, wrong_type.status_code) == (405, 406)
        assert wrong_method.json()["error"] == (
            "POST is not possible here; possible are GET, HEAD, OPTIONS."
        )
        assert "which the Accept header of the request excludes" in wrong_type.json()["error"]
        assert options.json() == {"methods": ["GET", "HEAD", "OPTIONS"]}

    def test_405_of_what_is_only_read_has_the_same_shape(self, api: APIClient) -> None:
        strict = APIClient(enforce_csrf_checks=True)

        for path in ("/healthz", "/readyz", "/avatars/abcdefghijklmnopqrstuvwxyz012345.jpg"):
            answer = strict.post(path)

            assert answer.status_code == 405, path
            assert "GET" in answer["Allow"]
            assert answer.json()["error"]

    def test_unexpected_failure_tells_nothing(
        self, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = api_as(UserFactory.create())

        def fail(*_: object) -> None:
            raise RuntimeError("SELECT secret FROM /etc/passwd")

        monkeypatch.setattr("users.profiles.views.UserViewSet.get_serializer_context", fail)
        answer = client.get("/users/me")

        assert answer.status_code == 500
        assert answer.json()["type"] == "server_error"
        assert b"secret" not in answer.content

    def test_foreign_host_is_refused(self, api: APIClient) -> None:
        answer = api.get("/healthz", HTTP_HOST="evil.example")

        assert answer.status_code == 400
        assert answer.json()["error"]


class TestPaths:
    def test_a_trailing_slash_gets_the_same_answer_without_a_redirect(self, api: APIClient) -> None:
        assert api.get("/healthz/").status_code == 200
        assert api.get("/users/me/").status_code == 401

    def test_the_admin_keeps_its_own(self, api: APIClient) -> None:
        assert api.get("/admin").status_code == 301
        assert api.get("/admin/login/").status_code == 200


class TestNegotiation:
    def test_every_answer_says_its_version(self, api: APIClient) -> None:
        for path in ("/healthz", "/users/me", "/nothing", "/admin/login/"):
            assert api.get(path)["API-Version"] == "1"

    @pytest.mark.parametrize(
        ("accept", "status"),
        [
            ("application/json", 200),
            ("application/json; version=1", 200),
            ("*/*", 200),
            ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
            ("application/json; version=2", 406),
            ("application/json; version=x", 406),
            ("application/json; version=3, application/json; version=2", 406),
            ("text/html", 406),
            ("", 200),
            (" , ", 200),
            ("application/json;q=0", 406),
            ("*/*;q=0.000", 406),
            ("application/json;q=0, */*", 406),
            ("application/*;q=0, */*;q=0.5", 406),
            ("application/*;q=0, application/json;q=0.1", 200),
            ("text/html;q=0, */*", 200),
            ("application/json;q=none", 200),
        ],
    )
    def test_negotiation_accept_chooses_version_and_type(
        self, api_as: ApiAs, accept: str, status: int
    ) -> None:
        answer = api_as(UserFactory.create()).get("/users/me", HTTP_ACCEPT=accept)

        assert answer.status_code == status
        assert answer["Content-Type"].startswith("application/json")

    def test_of_several_versions_the_one_that_is_spoken_is_chosen(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        for unknown in range(2, 12):
            for versions in ((unknown, 1), (1, unknown)):
                accept = ", ".join(f"application/json; version={each}" for each in versions)

                assert client.get("/users/me", HTTP_ACCEPT=accept).status_code == 200, accept

    def test_negotiation_says_what_there_is(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        for path, media_types in (
            ("/users/me", "application/json"),
            ("/users/me/export", "application/zip or application/json"),
        ):
            answer = client.get(path, HTTP_ACCEPT="text/html")

            assert answer.status_code == 406
            assert answer.json()["error"] == (
                f"The response is {media_types}, which the Accept header of the request excludes."
            )

    def test_unknown_media_type_is_415(self, api: APIClient) -> None:
        assert api.post("/users", "x", content_type="text/plain").status_code == 415

    @pytest.mark.parametrize("method", ["head", "options"])
    def test_head_and_options_answer_wherever_get_does(self, api_as: ApiAs, method: str) -> None:
        client = api_as(UserFactory.create(is_staff=True))

        for path in ("/users", "/users/me", "/healthz", "/readyz"):
            answer = getattr(client, method)(path)
            assert answer.status_code == 200, path
            assert (answer.content == b"") == (method == "head")


class TestRequestId:
    def test_request_id_is_echoed(self, api: APIClient) -> None:
        assert api.get("/healthz", HTTP_X_REQUEST_ID="abc-1")["X-Request-ID"] == "abc-1"

    @pytest.mark.parametrize("hostile", ["", "a b", "x" * 129, 'a"b', "é"])
    def test_a_harmful_one_is_replaced(self, api: APIClient, hostile: str) -> None:
        assert re.fullmatch(
            "[0-9a-f]{32}", api.get("/healthz", HTTP_X_REQUEST_ID=hostile)["X-Request-ID"]
        )


class TestBodies:
    def test_chunked_is_411(self, api: APIClient) -> None:
        answer = api.post("/users", {}, HTTP_TRANSFER_ENCODING="chunked")

        assert answer.status_code == 411
        assert answer.json()["error"]

    @override_settings(JSON_BODY_LIMIT=100)
    def test_too_large_is_413(self, api: APIClient) -> None:
        answer = api.post("/users", {"first_name": "x" * 100})

        assert answer.status_code == 413
        assert answer.json()["error"]

    def test_private_answers_are_kept_by_no_cache(self, api_as: ApiAs) -> None:
        assert api_as(UserFactory.create()).get("/users/me")["Cache-Control"] == "no-store"
