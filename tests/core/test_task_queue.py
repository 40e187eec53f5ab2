"""The queue on PostgreSQL: transactional, and read by a worker on a connection of its own."""

import pytest
from django.db import connection, transaction
from huey.contrib.djhuey import HUEY, task

from tests.task_queue import empty_queue

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="the queue is in the database on PostgreSQL only"
)

done: list[str] = []


@task()  # type: ignore[untyped-decorator]  # huey has no types
def note(word: str) -> None:
    done.append(word)


@pytest.mark.django_db(transaction=True)
def test_a_task_is_queued_if_and_only_if_its_transaction_commits() -> None:
    empty_queue()
    HUEY.immediate = False

    with transaction.atomic():
        note("kept")
    with transaction.atomic():
        note("gone")
        transaction.set_rollback(True)

    assert HUEY.pending_count() == 1
    HUEY.execute(HUEY.dequeue())
    assert done == ["kept"]
    assert HUEY.pending_count() == 0
    HUEY.storage.close()


@pytest.mark.django_db(transaction=True)
def test_tests_leave_no_task_to_the_next_worker() -> None:
    HUEY.immediate = False
    note("left behind")
    HUEY.immediate = True

    empty_queue()

    HUEY.immediate = False
    assert HUEY.pending_count() == 0
    HUEY.storage.close()
