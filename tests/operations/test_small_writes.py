"""Small writes of many requests, in one thread, have the patience that each alone would have."""

import asyncio
import time
from typing import Any

import pytest
from django.db import OperationalError, connection

from core.db.sqlite.group_commit import in_group_commit
from operations.serving.asgi import ThreadedWSGI
from tests.concurrency import locked_by_another_program
from tests.factories import GenreFactory
from tests.operations.test_cached_responses import get

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL groups commits itself"),
    pytest.mark.system,
]


def test_who_came_while_others_found_the_database_locked_fails_with_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 2)

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with pytest.raises(OperationalError, match="database is locked"):
            in_group_commit(GenreFactory.create)
        connection.close()
        start_response("503 Service Unavailable", [])
        return [b""]

    async def ask(server: ThreadedWSGI, *, after: float) -> float:
        await asyncio.sleep(after)
        asked_at = time.monotonic()
        await get(server, "/")
        return time.monotonic() - asked_at

    async def ask_in_turn() -> list[float]:
        server = ThreadedWSGI(application, is_small_write=lambda environ: True)
        return await asyncio.gather(*[ask(server, after=number * 0.2) for number in range(4)])

    with locked_by_another_program():
        waited = asyncio.run(ask_in_turn())

    assert max(waited) < 3
