"""Environment variables, read strictly: a value that cannot be right stops the start by name.

environs does the reading; here is what it lacks. No error repeats a value that may be a password.
"""

import os
import re
from collections.abc import Iterator
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import dj_email_url
import environs
from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import Binding, parse_stream

_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")
# "*", ".example.org" for all sub-domains, a name, an IPv4 or a bracketed IPv6 address.
_HOST = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]")
# A line without "=" may be a secret whose first word must not be shown.
_NAME = re.compile(r"\s*(?:export\s+)?([A-Z][A-Z0-9_]*\s*(?==)|[A-Z][A-Z_]*(?=[\s:]))")
# Django's settings know no `smtp+tls`. Before, the names were those of django-environ.
_EMAIL_SCHEMES = {
    "smtp": "smtp",
    "smtp+tls": "submission",
    "smtps": "submission",
    "submission": "submission",
    "smtp+ssl": "smtp",
    "console": "console",
    "consolemail": "console",
    "file": "file",
    "filemail": "file",
}


class _Env(environs.Env):
    """An empty variable counts as unset, and white space around a value is not part of it."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        asked_for.add(env_key)
        return os.environ.get(env_key, "").strip() or default


asked_for: set[str] = set()
env = _Env()


class Rate(NamedTuple):
    """At most `events` in `seconds`."""

    events: int
    seconds: int


def load_env_file(path: Path) -> None:
    """Read `path`, if it exists, into the environment; what the environment already says wins.

    Raises ImproperlyConfigured with file, line and name for a line that cannot be read.
    """
    for binding in _bindings(path):
        if (
            binding.error
            or (binding.key and binding.value is None)
            or "\0" in binding.original.string
        ):
            raise ImproperlyConfigured(_unreadable(path, binding))
        if binding.key and binding.value is not None:
            os.environ.setdefault(binding.key, binding.value)


def set_outside_of(path: Path) -> list[str]:
    """Settings that this process was given by its environment and not by the file at `path`."""
    in_file = {binding.key for binding in _bindings(path)}
    return sorted(name for name in asked_for - in_file if os.environ.get(name))


def _bindings(path: Path) -> Iterator[Binding]:
    if not path.is_file():
        return
    try:
        with path.open(encoding="utf-8-sig") as file:
            bindings = list(parse_stream(file))
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} cannot be read: it is not UTF-8.") from None
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error
    # Of a name that occurs twice the last counts, as for systemd and Docker.
    yield from reversed(bindings)


def _unreadable(path: Path, binding: Binding) -> str:
    text = binding.original.string
    blank = text[: len(text) - len(text.lstrip())]
    name = _NAME.match(text)
    return (
        f"line {binding.original.line + blank.count(chr(10))} of {path}"
        f"{f' ({name[1].strip()})' if name else ''} cannot be read. Write NAME=value, and quote a"
        ' value that has quotes or line breaks: NAME="value".'
    )


def require_package(package: str, *, setting: str) -> None:
    """Raise ImproperlyConfigured where the package is missing that `setting` needs."""
    if find_spec(package) is None:
        raise ImproperlyConfigured(f"{setting} needs the packages of requirements-services.txt.")


def words(name: str, *, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list; empty items are left out."""
    return [word for word in env.list(name, default, subcast=str.strip) if word]


def flag(name: str, *, default: bool) -> bool:
    value = env.str(name, str(default)).lower()
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in _TRUE


def whole_number(name: str, *, default: int, lowest: int, highest: int) -> int:
    value = env.str(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {lowest} to {highest}, not {value!r}."
        )
    return int(value)


def path(name: str, *, default: Path, base: Path) -> Path:
    """A relative one begins at `base`: cron jobs start in another folder than people do."""
    return base / env.str(name, str(default))


def url(name: str, *, schemes: tuple[str, ...], default: str = "") -> str:
    """An absolute URL of one of `schemes`; those of the web name a host."""
    value = env.str(name, default)
    if not value:
        return value
    starts = [f"{scheme}://" for scheme in schemes]
    if not value.startswith(tuple(starts)):
        raise ImproperlyConfigured(f"{name} must start with {' or '.join(starts)}.")
    try:
        parts = urlsplit(value)
        is_complete = parts.scheme not in ("http", "https") or bool(parts.hostname)
        _ = parts.port  # read, and thereby checked
    except ValueError:
        is_complete = False
    if not is_complete:
        raise ImproperlyConfigured(
            f"{name} names no host, or a port that is no number. The characters / @ : # of a"
            " password must be percent-encoded."
        )
    return value


def host_names(name: str, *, default: tuple[str, ...]) -> list[str]:
    """A comma-separated list of what the Host header of a browser can match."""
    found = words(name, default=default)
    for number, host in enumerate(found, start=1):
        if not _HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name}: entry {number} is no name of a host. One is like foyer.example.org or"
                " [::1], without https://, a port or a path, and with xn-- instead of letters"
                " outside ASCII."
            )
    return found


def origins(name: str) -> list[str]:
    """A comma-separated list of origins (RFC 6454): scheme, host, and port unless it is usual."""
    # A browser leaves the usual port out.
    found = [
        re.sub(r"^(http:.*):80$|^(https:.*):443$", r"\1\2", word.lower()) for word in words(name)
    ]
    for number, origin in enumerate(found, start=1):
        if not _ORIGIN.fullmatch(origin):
            raise ImproperlyConfigured(
                f"{name}: entry {number} is no origin. An origin is like https://app.example.org:"
                " scheme, host and perhaps a port, without a path, a slash at the end or a *."
            )
    return found


def choice(name: str, *, default: str, choices: tuple[str, ...]) -> str:
    value = env.str(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}, not {value!r}.")
    return value


def rate(name: str, *, default: str) -> Rate | None:
    """`10/minute` and the like; None for `off`, which disables the limit."""
    value = env.str(name, default).lower()
    if value == "off":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,6})/(second|minute|hour|day)", value)
    if match is None:
        raise ImproperlyConfigured(
            f"{name} must be like 10/minute (or second, hour, day) or off, not {value!r}."
        )
    return Rate(int(match[1]), _SECONDS[match[2]])


def sender(name: str, *, default: str) -> str:
    """An address of mail, with or without a name."""
    value = env.str(name, default)
    _, address = parseaddr(value)
    if not value.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ImproperlyConfigured(f"{name} must be like Foyer <foyer@example.org>, not {value!r}.")
    return value


def email(name: str) -> dict[str, Any]:
    """Django's EMAIL_ settings; unset, mails are printed."""
    value = url(name, schemes=tuple(_EMAIL_SCHEMES), default="console://")
    scheme, _, rest = value.partition("://")
    try:
        found: dict[str, Any] = dj_email_url.parse(f"{_EMAIL_SCHEMES[scheme]}://{rest}")
        if scheme == "smtp+ssl":
            found |= {"EMAIL_USE_SSL": True, "EMAIL_PORT": urlsplit(value).port or 465}
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be like smtp+tls://user:password@host:587, with the characters"
            " / @ : # of a password percent-encoded."
        ) from None
    return found


def export_for_libraries(**variables: str) -> None:
    """For libraries that look for their settings in the environment, and nowhere else."""
    os.environ.update(variables)
