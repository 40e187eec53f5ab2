"""What stands in the log, line by line, as the handler writes it."""

import logging
from collections.abc import Callable
from io import StringIO
from typing import Any, cast

import orjson
import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client

from core.db.sqlite.base import DatabaseWrapper
from core.logs.formatter import JSONFormatter
from repos.models import BadgeToken
from tests.concurrency import locked_by_another_program
from tests.conftest import ApiAs
from tests.factories import GameFactory, UserFactory
from users.models import User

Log = Callable[[], list[dict[str, Any]]]
TOKEN = "b" * 32


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """The lines so far, of all loggers."""
    written = StringIO()
    [handler] = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, JSONFormatter)
    ]
    monkeypatch.setattr(handler, "stream", written)
    return lambda: [orjson.loads(line) for line in written.getvalue().splitlines()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL is not locked as a whole")
def test_a_locked_database_is_one_line_that_names_the_route(api_as: ApiAs, log: Log) -> None:
    game, client = GameFactory.create(), api_as(UserFactory.create())
    database = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])

    with locked_by_another_program(), database.nowait():
        response = client.post("/playsessions", {"game": game.pk})

    error, access = log()
    assert access["status"] == response.status_code == 503
    assert error["message"].endswith("try again in a moment.: playsessions")
    assert error["exception"] == "django.db.utils.OperationalError: database is locked"
    assert error["request_id"] == access["request_id"] == response["X-Request-ID"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [f"/badges/{TOKEN}/views.svg", f"/users/{TOKEN}/repos/é"])
def test_a_fault_is_told_with_its_traceback_and_the_route(path: str, log: Log) -> None:
    with connection.cursor() as cursor:
        for model in (BadgeToken, User):
            cursor.execute(
                f"ALTER TABLE {model._meta.db_table} RENAME TO elsewhere_{model.__name__}"
            )

    response = Client(raise_request_exception=False).get(path)

    error, access = log()
    assert access["status"] == response.status_code >= 500
    assert error["message"].endswith(f": {access['message'].split()[1]}")
    assert "Traceback" in error["exception"]
    assert TOKEN not in str(log())


@pytest.mark.django_db
def test_a_form_that_is_rejected_is_told_with_the_route(log: Log) -> None:
    Client(enforce_csrf_checks=True).post("/admin/users/user/4711/change/", HTTP_HOST="localhost")

    warning, access = log()
    assert access["status"] == 403
    assert warning["message"].startswith("Forbidden (CSRF cookie not set.): admin/users/user/<")
    assert "4711" not in str(log())
