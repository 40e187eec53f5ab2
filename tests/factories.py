"""Builders: everything that a test is not about has a default. Use `.create()`."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from games.models import Game, Genre
from organizations.models import Membership, Organization, Role
from playsessions.models import PlaySession
from repos.models import TrackedRepository
from users.models import User
from users.passwords.hashers import OWASPArgon2PasswordHasher

PASSWORD = "correct horse battery staple"


def _password_hash() -> str:
    return _hashed_at(OWASPArgon2PasswordHasher.time_cost, OWASPArgon2PasswordHasher.memory_cost)


@cache
def _hashed_at(*cost: int) -> str:
    # Hashed once: Argon2id takes its time by design.
    return make_password(PASSWORD)


class UserFactory(DjangoModelFactory[User]):
    """An adult who can log in with PASSWORD."""

    class Meta:
        model = User

    username = Sequence(lambda n: f"user{n}")
    email = Sequence(lambda n: f"user{n}@example.org")
    birthdate = date(1990, 5, 17)
    password = LazyFunction(_password_hash)


class StaffFactory(UserFactory):
    is_staff = True


class OrganizationFactory(DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = Sequence(lambda n: f"Organization {n}")
    description = "Makes things."

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Organization:
        """The creator is its owner, as in the API."""
        organization: Organization = super()._create(model_class, *args, **kwargs)
        if organization.creator is not None:
            Membership.objects.create(
                user=organization.creator, organization=organization, role=Role.OWNER
            )
            organization.refresh_from_db(fields=["member_count"])
        return organization


class RepositoryFactory(DjangoModelFactory[TrackedRepository]):
    """Followed by a user of its own."""

    class Meta:
        model = TrackedRepository

    user = SubFactory(UserFactory)
    owner = "octo"
    name = Sequence(lambda n: f"hello-{n}")
    key = LazyAttribute(lambda repository: f"{repository.owner}/{repository.name}".lower())
    created_at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class GenreFactory(DjangoModelFactory[Genre]):
    class Meta:
        model = Genre

    name = Sequence(lambda n: f"Genre {n}")


class GameFactory(DjangoModelFactory[Game]):
    class Meta:
        model = Game

    name = Sequence(lambda n: f"Game {n}")
    genre = SubFactory(GenreFactory)


class PlaySessionFactory(DjangoModelFactory[PlaySession]):
    """A row alone; `playsessions.services.record_play` counts as well."""

    class Meta:
        model = PlaySession

    user = SubFactory(UserFactory)
    game = SubFactory(GameFactory)
    created_at = Sequence(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))
