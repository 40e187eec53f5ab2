"""Log records as one JSON object a line, with the request's id and without secrets."""

import logging
import re
import sqlite3
import traceback
from datetime import UTC, datetime

import orjson
from django.db import OperationalError

from core.logs.request_id import request_id

# Where in the code and in which thread a line was written is not in it, and to find that out costs
# a fifth of the line: https://docs.python.org/3/howto/logging.html#optimization
logging._srcfile = None
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

_SECRETS = re.compile(
    r"gh[a-z]_[A-Za-z0-9_]{16,}|github_pat_[A-Za-z0-9_]{16,}"  # GitHub's tokens
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # JWTs
    r"|(?<=Bearer )\S+|(?<=token )[A-Za-z0-9_]{16,}"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password@ in a URL
    r"|(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])(?=/repos)"  # tokens in the pages' paths
)
# Each pattern needs one of these. Most lines have none, and to see that is thirty times faster.
_MARKS = ("gh", "github_pat_", "eyJ", "Bearer ", "token ", "://", "/repos")


def redact(text: str) -> str:
    """`text` with everything that looks like a credential replaced by `***`."""
    if not any(mark in text for mark in _MARKS):
        return text
    return _SECRETS.sub("***", text)


class JSONFormatter(logging.Formatter):
    """`{"time", "level", "logger", "request_id", "message", …extra}`; time is ISO 8601 in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": request_id.get(),
            "message": record.getMessage(),
        }
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            error = record.exc_info[1]
            if _is_state_of_database(error):
                entry["exception"] = "".join(traceback.format_exception_only(error)).strip()
            else:
                entry["exception"] = self.formatException(record.exc_info)
        return redact(orjson.dumps(entry, default=str).decode())


def _is_state_of_database(error: BaseException | None) -> bool:
    """Locked, full, away: each request tells the same then, and where in the code it was met does
    not matter. To SQLite a table that is missing is operational, too."""
    sqlite_code = getattr(getattr(error, "__cause__", None), "sqlite_errorcode", None)
    return isinstance(error, OperationalError) and sqlite_code != sqlite3.SQLITE_ERROR
