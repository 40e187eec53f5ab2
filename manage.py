#!/usr/bin/env python
"""Django's command line for Foyer."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, OperationalError, ProgrammingError
from environs import EnvError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell tells of a program that Ctrl-C ended
    except Exception as error:
        sentence = explanation(error)
        if sentence is None or "--traceback" in sys.argv:
            raise
        sys.exit(sentence)


def explanation(error: Exception) -> str | None:
    """What is the operator's to mend is one sentence, no traceback; None for what is a fault."""
    import sqlite3  # noqa: PLC0415  # by now the one that `config` has put in place

    first_line = str(error).partition("\n")[0]
    # PostgreSQL's word for a table or column that is not there. Other errors of these kinds are
    # faults of a query.
    missing = type(error.__cause__).__name__ in ("UndefinedTable", "UndefinedColumn")
    match error:
        case ImproperlyConfigured() | EnvError():
            return f"Foyer cannot start: {error}"
        case OperationalError() | sqlite3.Error():
            pass
        case ProgrammingError() if missing:
            pass
        case DatabaseError() if type(error) is DatabaseError:  # a file that is no database
            pass
        case OSError() if error.filename or error.strerror:
            place = f"{error.filename}: " if error.filename else ""
            return f"Foyer cannot go on: {place}{error.strerror}."
        case _ if type(error).__module__.startswith("botocore."):
            return f"Foyer cannot go on: the bucket of S3_BUCKET: {first_line}"
        case _:
            return None
    return (
        f"The database cannot be used: {first_line}. `manage.py setup` prepares a new or older one,"
        " `manage.py doctor` examines the installation; a full disk or missing rights stop both."
    )


if __name__ == "__main__":
    main()
