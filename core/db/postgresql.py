"""How Foyer talks to PostgreSQL."""

from typing import Any

from core.env import require_package

# Per process. A web process handles 16 requests at a time (MAX_CONCURRENT_REQUESTS); the rest is
# for the moment in which one connection replaces another.
POOL_SIZE = 20
# No connection free within this time: the request is answered with a 503.
POOL_TIMEOUT_SECONDS = 5
# After this long without a server the pool gives up; the next request makes it try again at once,
# instead of waiting for an ever slower series of attempts.
RECONNECT_TIMEOUT_SECONDS = 1

STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 20
# A process that hangs within a transaction holds up everybody who waits for its locks.
IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 60


def postgresql_settings(database: dict[str, Any]) -> dict[str, Any]:
    """`database` as DATABASE_URL says it, completed; what the URL's query says wins."""
    for package in ("psycopg", "psycopg_pool"):
        require_package(package, setting="DATABASE_URL")
    session = {
        "statement_timeout": STATEMENT_TIMEOUT_SECONDS,
        "lock_timeout": LOCK_TIMEOUT_SECONDS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_SECONDS,
    }
    options = {
        "application_name": "foyer",
        "connect_timeout": 5,
        # A server that vanished without a word is noticed within 20 seconds (milliseconds).
        "tcp_user_timeout": 20_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "options": " ".join(f"-c {name}={seconds}s" for name, seconds in session.items()),
        # A connection for each thread would be hundreds, most of them idle: the web server keeps
        # threads for clients that only send slowly (docs/decisions, the connection pool).
        "pool": {
            "min_size": 1,
            "max_size": POOL_SIZE,
            "timeout": POOL_TIMEOUT_SECONDS,
            "reconnect_timeout": RECONNECT_TIMEOUT_SECONDS,
        },
    }
    return database | {
        # A connection that the server closed meanwhile is replaced before a request gets it.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options | database.get("OPTIONS", {}),
    }
