"""What is to be looked at in an installation, each with a sentence that says what to do."""

import shutil
import socket
import sqlite3
import stat
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import requests
from django.conf import settings
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from core.files.file_systems import SHARED_FILE_SYSTEMS, file_system_of
from core.redis import redis_circuit_breaker
from operations.health import CHECKS
from operations.serving.listening import ip_address
from repos.selectors import OVERDUE_AFTER, last_ended_run
from users.avatars.sandbox import process_upload

LOW_DISK_BYTES = 1_000_000_000
CLOCK_TOLERANCE_SECONDS = 5
MANY_TASKS_WAITING = 1000
TIMEOUT_SECONDS = 5
_THIS_MACHINE = {"localhost", "127.0.0.1", "[::1]"}


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "ERROR"


class Finding(NamedTuple):
    verdict: Verdict
    subject: str
    message: str


def run_doctor_checks() -> Iterator[Finding]:
    for examination in DOCTOR_CHECKS:
        subject = examination.__name__.strip("_").replace("_", " ")
        try:
            verdict, message = examination()
        except Exception as error:  # noqa: BLE001  # an examination that fails is a finding
            one_line = " ".join(str(error).split())
            verdict, message = Verdict.ERROR, f"{type(error).__name__}: {one_line}"
        yield Finding(verdict, subject, message)


def _versions() -> tuple[Verdict, str]:
    import django  # noqa: PLC0415  # for its version alone

    database = f"SQLite {sqlite3.sqlite_version}"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            database = f"PostgreSQL {cursor.fetchone()[0]}"
    python = ".".join(map(str, sys.version_info[:3]))
    return Verdict.OK, f"Python {python}, Django {django.__version__}, {database}."


def _settings() -> tuple[Verdict, str]:
    found = [
        message
        for message in run_checks(include_deployment_checks=settings.HTTPS)
        if not message.is_silenced()
    ]
    if found:
        return Verdict.ERROR, " ".join(str(message.msg) for message in found)
    if settings.DEBUG:
        return Verdict.ERROR, "DEBUG is on: errors show the inside of the installation."
    if not settings.HTTPS:
        return Verdict.WARNING, "HTTPS is off: right on one's own machine only."
    return Verdict.OK, "Django's checks for deployment pass."


def _hosts() -> tuple[Verdict, str]:
    """For whom Foyer answers, and what a proxy must say."""
    if "*" in settings.ALLOWED_HOSTS:
        return Verdict.ERROR, "ALLOWED_HOSTS is *: anybody may choose where links lead to."
    if not settings.HTTPS:
        return Verdict.OK, f"Answers for {', '.join(settings.ALLOWED_HOSTS)}."
    if set(settings.ALLOWED_HOSTS) <= _THIS_MACHINE:
        return Verdict.ERROR, "HTTPS is on, but ALLOWED_HOSTS names this machine only."
    if not settings.TRUSTED_PROXIES:
        return Verdict.ERROR, (
            "HTTPS is on, but TRUSTED_PROXIES is 0: links begin with http://, and nobody logs in to"
            " the admin."
        )
    return Verdict.OK, f"Answers for {', '.join(settings.ALLOWED_HOSTS)}."


def _keys() -> tuple[Verdict, str]:
    kept = settings.DATA_DIR / "secret_key"
    if kept.is_file() and stat.S_IMODE(kept.stat().st_mode) & 0o077:
        return Verdict.ERROR, f"Others can read {kept}: chmod 600 it, then make new keys."
    if len(set(settings.SECRET_KEY)) < 10:  # no random key has so few characters
        return Verdict.ERROR, "SECRET_KEY is guessable: make a random one."
    return Verdict.OK, "Long enough, and nobody else can read them."


def _database() -> tuple[Verdict, str]:
    file = Path(settings.DATABASES["default"]["NAME"])
    # First of all: what is wrong with the database may come from it.
    if connection.vendor == "sqlite" and (kind := file_system_of(file)) in SHARED_FILE_SYSTEMS:
        return Verdict.ERROR, (
            f"{file} lies on {kind}: SQLite's WAL wants a file system of this machine alone. "
            "Set DATA_DIR to one, or DATABASE_URL to a PostgreSQL."
        )
    CHECKS["database"]()
    CHECKS["migrations"]()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            if (verdict := cursor.fetchone()[0]) != "ok":
                return Verdict.ERROR, f"Damaged: {verdict}. Restore a backup (docs/operations.md)."
        size = file.stat().st_size
        return Verdict.OK, f"Whole, {size / 1e6:.0f} MB, every migration is in."
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        if cursor.fetchone() == ("0",):
            # PgBouncer drops what a connection asks for at its start.
            return Verdict.WARNING, (
                "No limit for statements and locks: a pooler drops them. "
                "Give them to the role (docs/operations.md)."
            )
    return Verdict.OK, "Responds, every migration is in."


def _redis() -> tuple[Verdict, str]:
    redis = redis_circuit_breaker()
    if redis is None:
        return Verdict.OK, "REDIS_URL is not set: sessions are read from the database."
    redis.run(lambda client: client.ping())
    return Verdict.OK, "Redis responds."


def _files() -> tuple[Verdict, str]:
    CHECKS["storage"]()
    if settings.S3_BUCKET:
        return Verdict.OK, f"The bucket {settings.S3_BUCKET} answers."
    return Verdict.OK, f"{settings.MEDIA_ROOT} can be written."


def _pictures() -> tuple[Verdict, str]:
    """Decodes one like any upload."""
    one_pixel = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
    process_upload(ContentFile(one_pixel))
    if sys.platform == "darwin":
        return Verdict.WARNING, "macOS does not bound the memory of the picture decoder."
    return Verdict.OK, "Decoded in a process with bounded memory and time."


def _disk() -> tuple[Verdict, str]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    verdict = Verdict.OK if free > LOW_DISK_BYTES else Verdict.ERROR
    return verdict, f"{free / 1e9:.1f} GB free in {settings.DATA_DIR}."


def _clock() -> tuple[Verdict, str]:
    """Against the clock of GitHub's API, which the traffic needs anyway."""
    try:
        answer = _ask_github("")
    except requests.RequestException:
        return (
            Verdict.WARNING,
            f"{settings.GITHUB_API_URL} does not answer: nothing to compare with.",
        )
    github_time = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    off = abs(time.time() - github_time)
    verdict = Verdict.OK if off <= CLOCK_TOLERANCE_SECONDS else Verdict.ERROR
    return verdict, f"{off:.0f} s off; tokens and days of traffic depend on it."


def _ask_github(path: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        # A .netrc would replace the credential, a proxy of the environment would see it.
        session.trust_env = False
        return session.get(
            settings.GITHUB_API_URL + path,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )


def _mail() -> tuple[Verdict, str]:
    if not settings.EMAIL_URL:
        return Verdict.WARNING, "EMAIL_URL is not set: the worker prints mails instead of sending."
    mail = get_connection(timeout=TIMEOUT_SECONDS)
    mail.open()
    mail.close()
    return Verdict.OK, "The mail server lets us in."


def _github() -> tuple[Verdict, str]:
    if not settings.GITHUB_TOKEN:
        return Verdict.WARNING, "GITHUB_TOKEN is not set: users bring their own."
    answer = _ask_github("/rate_limit", Authorization=f"Bearer {settings.GITHUB_TOKEN}")
    if answer.status_code == requests.codes.unauthorized:
        return Verdict.ERROR, "GitHub refuses GITHUB_TOKEN: it is wrong or has expired."
    answer.raise_for_status()
    core = answer.json()["resources"]["core"]
    # GitHub names the scopes of classic tokens only; a fine-grained one tells by the repository.
    scopes = answer.headers.get("X-OAuth-Scopes")
    if scopes is not None and not {"repo", "public_repo"} & set(scopes.replace(",", " ").split()):
        return Verdict.ERROR, "GITHUB_TOKEN lacks the scope repo: GitHub shows it no traffic."
    return Verdict.OK, f"The token works, {core['remaining']} of {core['limit']} calls are left."


def _tasks() -> tuple[Verdict, str]:
    waiting = HUEY.pending_count()
    if waiting > MANY_TASKS_WAITING:
        return Verdict.ERROR, f"{waiting} tasks wait: does the worker run?"
    return Verdict.OK, f"{waiting} tasks wait."


def _traffic() -> tuple[Verdict, str]:
    newest = last_ended_run()
    if newest is None or newest.ended_at is None:
        return Verdict.WARNING, "Never fetched; `manage.py install_cron` fetches daily."
    age = timezone.now() - newest.ended_at
    verdict = Verdict.OK if age < OVERDUE_AFTER else Verdict.ERROR
    return verdict, f"Fetched {age.total_seconds() / 3600:.0f} h ago; GitHub forgets after 14 days."


def _web_server() -> tuple[Verdict, str]:
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared
    host = ip_address()
    host = anywhere.get(host, host)
    try:
        socket.create_connection((host, settings.PORT), timeout=TIMEOUT_SECONDS).close()
    except OSError:
        return Verdict.WARNING, f"Nothing listens on port {settings.PORT} of {host}."
    return Verdict.OK, f"Listens on port {settings.PORT} of {host}."


DOCTOR_CHECKS: tuple[Callable[[], tuple[Verdict, str]], ...] = (
    _versions,
    _settings,
    _hosts,
    _keys,
    _database,
    _redis,
    _files,
    _pictures,
    _disk,
    _clock,
    _mail,
    _github,
    _tasks,
    _traffic,
    _web_server,
)
