"""Tokens that are not ours, and keys that change (RFC 8725; ASVS 5.0 §9)."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from tests.factories import PASSWORD, UserFactory
from users.models import Session
from users.sessions import tokens
from users.sessions.tokens import KeyRing

pytestmark = pytest.mark.django_db

OTHER_KEY = "another key of quite enough bytes for it"


def log_in(api: APIClient) -> dict[str, str]:
    UserFactory.create(username="ada")
    answer: dict[str, str] = api.post(
        "/auth/token", {"username": "ada", "password": PASSWORD}
    ).json()
    return answer


def status(api: APIClient, token: str) -> int:
    return int(api.get("/users/me", HTTP_AUTHORIZATION=f"Bearer {token}").status_code)


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    return header, claims


def signed(
    claims: dict[str, Any], header: dict[str, Any], *, key: str | None = None, alg: str = "HS256"
) -> str:
    extra = {name: value for name, value in header.items() if name not in ("alg", "typ")}
    return jwt.encode(claims, key or settings.JWT_SIGNING_KEYS[0], algorithm=alg, headers=extra)


class TestForged:
    def test_the_pattern_itself_works(self, api: APIClient) -> None:
        header, claims = parts(log_in(api)["access"])

        assert status(api, signed(claims, header)) == 200

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS512", "RS256", "", None, []])
    def test_forged_with_another_algorithm(self, api: APIClient, algorithm: object) -> None:
        access = log_in(api)["access"]
        header, claims = parts(access)
        _, _, signature = access.split(".")

        for end in ("", signature):
            token = f"{encoded(header | {'alg': algorithm})}.{encoded(claims)}.{end}"
            assert status(api, token) == 401

    def test_forged_with_another_algorithm_of_our_own_key(self, api: APIClient) -> None:
        header, claims = parts(log_in(api)["access"])

        assert status(api, signed(claims, header, alg="HS512")) == 401

    @pytest.mark.parametrize("kid", ["", "0", "../../etc/passwd", None, 1, [], ["x"], {"a": 1}])
    def test_forged_with_a_key_id_that_is_none(self, api: APIClient, kid: object) -> None:
        access = log_in(api)["access"]
        header, claims = parts(access)
        _, _, signature = access.split(".")

        assert status(api, f"{encoded(header | {'kid': kid})}.{encoded(claims)}.{signature}") == 401

    def test_forged_without_a_key_id(self, api: APIClient) -> None:
        header, claims = parts(log_in(api)["access"])
        del header["kid"]

        assert status(api, signed(claims, header)) == 401

    @pytest.mark.parametrize("name", ["jku", "jwk", "x5u", "x5c"])
    def test_forged_with_a_key_that_the_token_brings(self, api: APIClient, name: str) -> None:
        header, claims = parts(log_in(api)["access"])
        brought: dict[str, Any] = {"kty": "oct", "k": encoded(OTHER_KEY.encode())}

        token = signed(claims, header | {name: brought}, key=OTHER_KEY)

        assert status(api, token) == 401

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "somebody"},
            {"aud": "somebody"},
            {"iss": None},
            {"aud": None},
            {"exp": 1},
            {"exp": "soon"},
            {"nbf": 2**40},
            {"iat": 2**40},
            {"token_type": "refresh"},
            {"token_type": None},
            {"token_type": ["access"]},
            {"sid": "0" * 32},
            {"sid": "x"},
            {"sid": 1},
            {"sid": None},
            {"sub": "x"},
            {"sub": 1},
            {"sub": None},
        ],
    )
    def test_forged_with_claims_that_cannot_be(
        self, api: APIClient, change: dict[str, Any]
    ) -> None:
        header, claims = parts(log_in(api)["access"])
        for name, value in change.items():
            claims[name] = value
            if value is None:
                del claims[name]

        assert status(api, signed(claims, header)) == 401

    @pytest.mark.parametrize(
        "token",
        [
            "",
            ".",
            "..",
            "a.b.c",
            "." * 4000,
            "e30.e30.",
            f"{encoded(b'[' * 2900)}.e30.x",
            f"{encoded([])}.e30.x",
            f"{encoded(b'null')}.e30.x",
            f"{encoded(b'{' + bytes([255]) + b'}')}.e30.x",
            "x" * 5000,
        ],
    )
    def test_forged_of_rubbish(self, api: APIClient, token: str) -> None:
        assert status(api, token) == 401
        assert api.post("/auth/token/refresh", {"refresh": token}).status_code in (400, 401)
        assert api.post("/auth/token/verify", {"token": token}).status_code in (400, 401)

    def test_forged_of_deeply_nested_claims(self, api: APIClient) -> None:
        header, _ = parts(log_in(api)["access"])
        key = settings.JWT_SIGNING_KEYS[0]
        token = jwt.api_jws.encode(b"[" * 2500, key, "HS256", {"kid": header["kid"]})

        assert status(api, token) == 401

    def test_forged_by_one_changed_letter(self, api: APIClient) -> None:
        access = log_in(api)["access"]

        for position in range(0, len(access) - 1, 7):
            letter = "A" if access[position] != "A" else "B"
            assert status(api, access[:position] + letter + access[position + 1 :]) == 401

    @pytest.mark.parametrize(("seconds_ahead", "expected"), [(9, 200), (15, 401)])
    def test_issued_by_a_server_whose_clock_is_ahead(
        self, api: APIClient, seconds_ahead: int, expected: int
    ) -> None:
        header, claims = parts(log_in(api)["access"])
        claims["iat"] = int(timezone.now().timestamp()) + seconds_ahead

        assert status(api, signed(claims, header)) == expected

    def test_expired_by_a_second(self, api: APIClient) -> None:
        header, claims = parts(log_in(api)["access"])
        claims["exp"] = int(timezone.now().timestamp()) - 1

        assert status(api, signed(claims, header)) == 401


class TestKeys:
    @pytest.fixture
    def session(self) -> Session:
        now = timezone.now()
        return Session.objects.create(
            user=UserFactory.create(),
            created_at=now,
            last_used_at=now,
            refreshed_at=now,
            expires_at=now + timedelta(days=1),
        )

    @pytest.fixture
    def use(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        return lambda *keys: monkeypatch.setattr(tokens, "key_ring", KeyRing(list(keys)))

    def token_of(self, session: Session, now: datetime) -> str:
        return tokens.signed_token(
            "access",
            session_id=session.pk,
            user_id=session.user_id,
            issued_at=now,
            expires_at=session.expires_at,
            token_id=uuid4().hex,
        )

    def test_keys_change_without_ending_sessions(
        self, api: APIClient, session: Session, use: Any
    ) -> None:
        old, new = "old key " * 5, "new key " * 5
        use(old)
        before = self.token_of(session, timezone.now())

        use(new, old)
        after = self.token_of(session, timezone.now())

        assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
        assert status(api, before) == 200
        assert status(api, after) == 200

    def test_that_are_gone_are_not_accepted(
        self, api: APIClient, session: Session, use: Any
    ) -> None:
        use("old key " * 5)
        before = self.token_of(session, timezone.now())

        use("new key " * 5)

        assert status(api, before) == 401

    def test_keys_are_not_told_by_the_token(self, session: Session, use: Any) -> None:
        key = "a key that nobody should ever see"
        use(key)

        token = self.token_of(session, timezone.now())

        assert key not in str(parts(token))
