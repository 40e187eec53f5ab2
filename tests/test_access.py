"""Who may call what (OWASP API1, API5): every route and method, for nobody, the owner of the thing,
another user and staff. A route that is missing here fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from games.models import Game
from organizations.models import Invitation, Organization
from repos.models import ShareToken, TrackedRepository
from repos.models.token import digest_of
from repos.services.badges import issue_badge_token
from repos.services.notes import add_note
from tests.conftest import ApiAs
from tests.factories import (
    PASSWORD,
    GameFactory,
    GenreFactory,
    OrganizationFactory,
    PlaySessionFactory,
    RepositoryFactory,
    StaffFactory,
    UserFactory,
)
from users.avatars.sandbox import ProcessedImage
from users.avatars.services import replace_avatar
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_wait")]

WHO = ("nobody", "owner", "other", "staff")


@dataclass
class World:
    owner: User
    organization: Organization
    game: Game
    unused_game: Game
    repository: TrackedRepository
    session: UUID | None = None


Values = Callable[[World], Any]


@dataclass
class Row:
    """The statuses for nobody, the owner, another user and staff."""

    statuses: tuple[int, int, int, int]
    body: Values = lambda world: None
    parts: Values = lambda world: {}
    form: bool = False
    headers: dict[str, str] = field(default_factory=dict)


OPEN = (200, 200, 200, 200)
SIGNED_IN = (401, 200, 200, 200)
OWNER_OR_STAFF = (401, 200, 403, 200)
STAFF = (401, 403, 403, 200)
OWNER_ALONE = (401, 200, 404, 404)

SIGN_UP = {
    "email": "new@example.org",
    "username": "new",
    "password": PASSWORD,
    "birthdate": "1990-05-17",
}


def replaced(statuses: tuple[int, int, int, int], success: int) -> tuple[int, int, int, int]:
    nobody, owner, other, staff = (success if status == 200 else status for status in statuses)
    return nobody, owner, other, staff


def user_pk(world: World) -> dict[str, Any]:
    return {"pk": world.owner.pk}


def username(world: World) -> dict[str, Any]:
    return {"username": world.owner.username}


def organization_pk(world: World) -> dict[str, Any]:
    return {"pk": world.organization.pk}


def member_pk(world: World) -> dict[str, Any]:
    member = UserFactory.create()
    member.organizations.add(world.organization)
    return organization_pk(world) | {"user_id": member.pk}


def invitation_pk(world: World) -> dict[str, Any]:
    now = timezone.now()
    invitation = Invitation.objects.create(
        organization=world.organization, email="new@example.org", created_at=now, expires_at=now
    )
    return organization_pk(world) | {"invitation_id": invitation.pk}


def repository_id(world: World) -> dict[str, Any]:
    return {"repository_id": world.repository.uuid}


def owner_id(world: World) -> dict[str, Any]:
    owner = world.owner.followed_owners.create(login="octo", key="octo", created_at=timezone.now())
    return {"owner_id": owner.uuid}


def play_session_pk(world: World) -> dict[str, Any]:
    return {
        "pk": PlaySessionFactory.create(
            user=world.owner, game=world.game, created_at=timezone.now()
        ).pk
    }


def share_token(world: World) -> dict[str, Any]:
    token = "f" * 32
    ShareToken.objects.create(user=world.owner, digest=digest_of(token), created_at=timezone.now())
    return {"token": token}


def badge_token(world: World) -> dict[str, Any]:
    return {"token": issue_badge_token(repository=world.repository, now=timezone.now())}


def note_id(world: World) -> dict[str, Any]:
    note = add_note(
        repository=world.repository, date=date(2026, 1, 1), text="Launch", now=timezone.now()
    )
    return {"note_id": note.pk}


def log_in(world: World) -> dict[str, Any]:
    return {"username": world.owner.username, "password": PASSWORD}


def picture(_: World) -> dict[str, Any]:
    pixel = (
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
        b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    )
    return {"avatar": SimpleUploadedFile("me.gif", pixel)}


TABLE = {
    # Accounts
    "GET ": Row(OPEN),
    "GET users": Row(STAFF),
    "POST users": Row(replaced(OPEN, 201), lambda _: SIGN_UP),
    "POST auth/signup": Row(replaced(OPEN, 201), lambda _: SIGN_UP),
    "GET users/me": Row(SIGNED_IN),
    "PATCH users/me": Row(SIGNED_IN, lambda _: {"first_name": "x"}),
    "DELETE users/me": Row(replaced(SIGNED_IN, 204)),
    "GET users/me/export": Row(SIGNED_IN),
    "PUT users/me/password": Row(
        replaced(SIGNED_IN, 204), lambda _: {"old_password": PASSWORD, "new_password": PASSWORD}
    ),
    "PUT users/me/avatar": Row(SIGNED_IN, picture, form=True),
    "DELETE users/me/avatar": Row(replaced(SIGNED_IN, 204)),
    "GET users/lastplayed": Row(STAFF),
    "GET users/stats": Row(OPEN),
    "GET users/<int:pk>": Row(SIGNED_IN, parts=user_pk),
    "PATCH users/<int:pk>": Row(OWNER_OR_STAFF, lambda _: {"first_name": "x"}, user_pk),
    "DELETE users/<int:pk>": Row(replaced(OWNER_OR_STAFF, 204), parts=user_pk),
    "GET avatars/<avatar_name:name>": Row(
        OPEN, parts=lambda world: {"name": str(world.owner.avatar).rpartition("/")[2]}
    ),
    "POST user": Row(replaced(OPEN, 201), lambda _: {"username": "new", "password": PASSWORD}),
    "GET user/<str:username>": Row(OWNER_OR_STAFF, parts=username),
    "PUT user/<str:username>": Row(OWNER_OR_STAFF, lambda _: {"x": 1}, username),
    "DELETE user/<str:username>": Row(replaced(OWNER_OR_STAFF, 204), parts=username),
    # Sessions
    "POST auth": Row(OPEN, log_in),
    "DELETE auth": Row(replaced(SIGNED_IN, 204)),
    "POST auth/token": Row(OPEN, log_in),
    "POST auth/token/refresh": Row((401, 401, 401, 401), lambda _: {"refresh": "x"}),
    "POST auth/token/verify": Row((401, 401, 401, 401), lambda _: {"token": "x"}),
    "GET auth/sessions": Row(SIGNED_IN),
    "DELETE auth/sessions": Row(replaced(SIGNED_IN, 204)),
    "DELETE auth/sessions/<session_id:pk>": Row(
        replaced(OWNER_ALONE, 204), parts=lambda world: {"pk": world.session}
    ),
    "POST auth/code": Row(replaced(OPEN, 202), lambda _: {"email": "a@example.org"}),
    "GET auth/totp": Row(SIGNED_IN),
    "POST auth/totp": Row(SIGNED_IN),
    "DELETE auth/totp": Row(
        (401, 404, 404, 404), lambda _: {"password": PASSWORD, "otp": "123456"}
    ),
    "POST auth/totp/confirm": Row((401, 409, 409, 409), lambda _: {"code": "123456"}),
    "POST auth/email/verify": Row(replaced(SIGNED_IN, 202)),
    "POST auth/email/verify/confirm": Row((401, 400, 400, 400), lambda _: {"code": "12345678"}),
    "POST auth/email/change": Row(replaced(SIGNED_IN, 202), lambda _: {"email": "new@example.org"}),
    "POST auth/email/change/confirm": Row(
        (401, 400, 400, 400), lambda _: {"email": "new@example.org", "code": "12345678"}
    ),
    "POST auth/password/reset": Row(replaced(OPEN, 202), lambda _: {"email": "a@example.org"}),
    "POST auth/password/reset/confirm": Row(
        (400, 400, 400, 400),
        lambda _: {"email": "a@example.org", "code": "00000000", "password": PASSWORD},
    ),
    # Organizations
    "GET organizations": Row(SIGNED_IN),
    "POST organizations": Row(replaced(SIGNED_IN, 201), lambda _: {"name": "New"}),
    "GET organizations/<int:pk>": Row(SIGNED_IN, parts=organization_pk),
    "PATCH organizations/<int:pk>": Row(OWNER_OR_STAFF, lambda _: {"name": "x"}, organization_pk),
    "DELETE organizations/<int:pk>": Row(replaced(OWNER_OR_STAFF, 204), parts=organization_pk),
    "GET organizations/<int:pk>/members": Row(SIGNED_IN, parts=organization_pk),
    # By role in the organization: tests/organizations/test_roles_api.py.
    "PATCH organizations/<int:pk>/members/<int:user_id>": Row(
        OWNER_OR_STAFF, lambda _: {"role": "admin"}, member_pk
    ),
    "DELETE organizations/<int:pk>/members/<int:user_id>": Row(
        replaced(OWNER_OR_STAFF, 204), parts=member_pk
    ),
    "GET organizations/<int:pk>/invitations": Row(OWNER_OR_STAFF, parts=organization_pk),
    "POST organizations/<int:pk>/invitations": Row(
        replaced(OWNER_OR_STAFF, 202), lambda _: {"email": "new@example.org"}, organization_pk
    ),
    "DELETE organizations/<int:pk>/invitations/<int:invitation_id>": Row(
        replaced(OWNER_OR_STAFF, 204), parts=invitation_pk
    ),
    # Whoever has no proven address cannot be invited.
    "POST organizations/join": Row((401, 403, 403, 403), lambda _: {"code": "04189263"}),
    # Games
    "GET genres": Row(OPEN),
    "POST genres": Row(replaced(STAFF, 201), lambda _: {"name": "New"}),
    "GET genres/<int:pk>": Row(OPEN, parts=lambda world: {"pk": world.game.genre_id}),
    "PATCH genres/<int:pk>": Row(
        STAFF, lambda _: {"name": "x"}, lambda world: {"pk": world.game.genre_id}
    ),
    "DELETE genres/<int:pk>": Row(
        replaced(STAFF, 204), parts=lambda _: {"pk": GenreFactory.create().pk}
    ),
    "GET games": Row(OPEN),
    "POST games": Row(
        replaced(STAFF, 201), lambda world: {"name": "New", "genre": world.game.genre_id}
    ),
    "GET games/<int:pk>": Row(OPEN, parts=lambda world: {"pk": world.game.pk}),
    "GET games/trending": Row(OPEN),
    "GET games/recommended": Row(SIGNED_IN),
    "GET games/<int:pk>/similar": Row(OPEN, parts=lambda world: {"pk": world.game.pk}),
    "GET games/<int:pk>/plays": Row(OPEN, parts=lambda world: {"pk": world.game.pk}),
    "PATCH games/<int:pk>": Row(
        STAFF, lambda _: {"name": "x"}, lambda world: {"pk": world.game.pk}
    ),
    "DELETE games/<int:pk>": Row(
        replaced(STAFF, 204), parts=lambda world: {"pk": world.unused_game.pk}
    ),
    "GET playsessions": Row(SIGNED_IN),
    "POST playsessions": Row(replaced(SIGNED_IN, 201), lambda world: {"game": world.game.pk}),
    "PATCH playsessions/<int:pk>": Row(OWNER_ALONE, lambda _: {"ended": True}, play_session_pk),
    "POST playsessions/<int:pk>/heartbeat": Row(replaced(OWNER_ALONE, 204), parts=play_session_pk),
    "GET users/me/games": Row(SIGNED_IN),
    # Traffic
    "POST api/users/create": Row(OPEN, lambda _: {"email": "new@example.org"}),
    "POST api/users/token": Row(SIGNED_IN, lambda _: {}),
    "POST api/users/share": Row(SIGNED_IN, lambda _: {}),
    "POST api/users/unshare": Row(replaced(SIGNED_IN, 202), lambda _: {}),
    "POST api/users/github": Row(replaced(SIGNED_IN, 202), lambda _: {"token": None}),
    "POST api/users/alerts": Row(replaced(SIGNED_IN, 202), lambda _: {"email": False}),
    "GET api/owners": Row(SIGNED_IN),
    "POST api/owners/create": Row(SIGNED_IN, lambda _: {"url": "https://github.com/octo"}),
    "POST api/owners/<str:owner_id>/delete": Row((401, 202, 400, 400), parts=owner_id),
    "GET api/repos": Row(SIGNED_IN),
    "POST api/repos/create": Row(SIGNED_IN, lambda _: {"url": "https://github.com/octo/new"}),
    "GET api/repos/<str:repository_id>": Row(OWNER_ALONE, parts=repository_id),
    "POST api/repos/<str:repository_id>/delete": Row((401, 202, 400, 400), parts=repository_id),
    "GET api/repos/<str:repository_id>/traffic.csv": Row(OWNER_ALONE, parts=repository_id),
    "POST api/repos/<str:repository_id>/import": Row(
        OWNER_ALONE,
        lambda _: {
            "file": SimpleUploadedFile(
                "traffic.csv",
                b"date,views,unique_visitors,clones,unique_cloners,complete\n"
                b"2026-01-01,1,1,1,1,true\n",
            )
        },
        repository_id,
        form=True,
    ),
    "GET api/repos/<str:repository_id>/referrers": Row(OWNER_ALONE, parts=repository_id),
    "GET api/repos/<str:repository_id>/paths": Row(OWNER_ALONE, parts=repository_id),
    "GET api/repos/<str:repository_id>/notes": Row(OWNER_ALONE, parts=repository_id),
    "POST api/repos/<str:repository_id>/notes": Row(
        OWNER_ALONE, lambda _: {"date": "2026-01-01", "text": "Launch"}, repository_id
    ),
    "POST api/repos/<str:repository_id>/notes/<int:note_id>/delete": Row(
        replaced(OWNER_ALONE, 202), parts=lambda world: repository_id(world) | note_id(world)
    ),
    "POST api/repos/<str:repository_id>/badge": Row(OWNER_ALONE, parts=repository_id),
    "POST api/repos/<str:repository_id>/unbadge": Row(
        replaced(OWNER_ALONE, 202), parts=repository_id
    ),
    "GET api/traffic": Row(SIGNED_IN),
    "GET api/traffic.zip": Row(SIGNED_IN),
    # Badges and pages: the token in the address decides, not who asks.
    "GET badges/<str:token>/<str:name>": Row(
        OPEN, parts=lambda world: badge_token(world) | {"name": "views.svg"}
    ),
    "GET users/<str:token>/repos": Row(OPEN, parts=share_token),
    "GET users/<str:token>/repos/<str:repository_id>": Row(
        OPEN, parts=lambda world: share_token(world) | repository_id(world)
    ),
    # Around it
    "GET docs": Row(OPEN),
    "GET openapi.json": Row(OPEN),
    "GET healthz": Row(OPEN),
    "GET readyz": Row(OPEN),
}


def make_world() -> World:
    owner = UserFactory.create()
    replace_avatar(user=owner, picture=ProcessedImage(b"picture", "jpg"))
    return World(
        owner=owner,
        organization=OrganizationFactory.create(creator=owner),
        game=GameFactory.create(),
        unused_game=GameFactory.create(),
        repository=RepositoryFactory.create(user=owner),
    )


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("call", TABLE)
def test_every_call_answers_each_as_the_table_says(
    call: str, who: str, world: World, api: APIClient, api_as: ApiAs
) -> None:
    row = TABLE[call]
    clients: dict[str, Callable[[], APIClient]] = {
        "nobody": lambda: api,
        "owner": lambda: api_as(world.owner),
        "other": lambda: api_as(UserFactory.create()),
        "staff": lambda: api_as(StaffFactory.create()),
    }
    client = clients[who]()
    api_as(world.owner)
    world.session = world.owner.sessions.latest("created_at").pk
    method, _, route = call.partition(" ")
    path = "/" + filled(route, row.parts(world))

    answer = getattr(client, method.lower())(
        path, row.body(world), **({"format": "multipart"} if row.form else {})
    )

    assert answer.status_code == row.statuses[WHO.index(who)], answer.getvalue()[:500]
    if answer.status_code == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_no_call_is_missing() -> None:
    calls = set(_calls(get_resolver().url_patterns))

    assert calls - TABLE.keys() == set(), "add a row to TABLE"
    assert TABLE.keys() - calls == set(), "there is no such call any more"


def _calls(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        part = _simple(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            if part != "admin/":
                yield from _calls(pattern.url_patterns, prefix + part)
        elif part != "static/<path>":
            for method in _methods(pattern.callback):
                yield f"{method} {prefix}{part}"


def _methods(callback: Any) -> Iterator[str]:
    actions = getattr(callback, "actions", None)
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    for method in ("get", "post", "put", "patch", "delete"):
        if method in (actions or ()) or (not actions and hasattr(view, method)):
            yield method.upper()


def _simple(pattern: str) -> str:
    return pattern.strip("^$")


def filled(route: str, parts: dict[str, Any]) -> str:
    """The route with a value for each `<converter:name>`."""
    for name, value in parts.items():
        before, _, after = route.partition(f"{name}>")
        route = before.rpartition("<")[0] + str(value) + after
    assert "<" not in route
    return route
