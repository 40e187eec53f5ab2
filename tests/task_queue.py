"""The queue of the background worker, which outlives a test."""

from huey.contrib.djhuey import HUEY


def empty_queue() -> None:
    """No task of an earlier test is for the next worker. On PostgreSQL the queue is in the
    database, in a table that no rollback and no fixture empties."""
    # As long as tasks run at once, `HUEY.storage` is a queue in memory, not the one of the worker.
    HUEY.immediate = False
    HUEY.flush()
    HUEY.storage.close()
    HUEY.immediate = True
