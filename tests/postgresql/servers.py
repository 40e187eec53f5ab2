"""The PostgreSQL server of `make test-services`, and databases on it that come and go."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")

needs_postgresql = pytest.mark.skipif(
    not ON_POSTGRESQL, reason="make test-services: it needs PostgreSQL"
)


@contextmanager
def scratch_database() -> Iterator[str]:
    """The DATABASE_URL of an empty database that is gone afterwards."""
    import psycopg  # noqa: PLC0415  # not there where the suite runs on SQLite alone

    name = f"test_foyer_{secrets.token_hex(6)}"
    with psycopg.connect(_maintenance_url(), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def value_of(url: str, query: LiteralString) -> object:
    """The first column of the first row, over a connection of its own."""
    import psycopg  # noqa: PLC0415  # as above

    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def _maintenance_url() -> str:
    """Of the database that every server has."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres"))


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of an empty database of the kind that the suite runs on."""
    if ON_POSTGRESQL:
        with scratch_database() as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'empty.sqlite3'}"


@contextmanager
def unfamiliar_locale() -> Iterator[None]:
    """Test databases are Turkish: there, "I" is no capital "i", and "ç" comes before "d"."""
    if not ON_POSTGRESQL:
        yield
        return
    import psycopg  # noqa: PLC0415  # as above

    template = f"template_foyer_{secrets.token_hex(6)}"
    with psycopg.connect(_maintenance_url(), autocommit=True) as server:
        if server.info.server_version < 150_000:  # they know only the locales of the machine
            yield
            return
        server.execute(
            f"CREATE DATABASE \"{template}\" TEMPLATE template0 ENCODING 'UTF8'"
            " LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'"
        )
        connection.settings_dict["TEST"]["TEMPLATE"] = template
        try:
            yield
        finally:
            server.execute(f'DROP DATABASE "{template}"')
