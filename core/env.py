"""Strict readers of environment variables: a value that cannot be right is refused by name."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "on"})
_FALSE = frozenset({"0", "false", "off"})
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Rate(NamedTuple):
    """At most `events` in `seconds`."""

    events: int
    seconds: int


def load_env_file(path: Path) -> None:
    """Read `path`, if it exists, into the environment; what the environment already says wins."""
    if path.is_file():
        environ.Env.read_env(str(path), overwrite=False)


def set_outside_of(path: Path) -> list[str]:
    """Settings that this process was given by its environment and not by the file at `path`."""
    lines = path.read_text().splitlines() if path.is_file() else []
    in_file = {line.removeprefix("export ").partition("=")[0].strip() for line in lines}
    return sorted(name for name in _asked_for - in_file if os.environ.get(name))


_asked_for: set[str] = set()


def text(name: str, default: str = "") -> str:
    """The variable without surrounding space; an empty one counts as unset."""
    _asked_for.add(name)
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in _TRUE | _FALSE:
        return value in _TRUE
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def integer(name: str, *, default: int, minimum: int, maximum: int) -> int:
    value = text(name)
    if not value:
        return default
    if re.fullmatch(r"[0-9]{1,9}", value) and minimum <= int(value) <= maximum:
        return int(value)
    raise ImproperlyConfigured(
        f"{name} must be a whole number from {minimum} to {maximum}, not {value!r}."
    )


def words(name: str, *, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list; empty members are left out."""
    return [word for part in text(name).split(",") if (word := part.strip())] or list(default)


def rate(name: str, *, default: str) -> Rate | None:
    """`10/minute` and the like; None for `off`, which disables the limit."""
    value = text(name, default).lower()
    if value == "off":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,6})/(second|minute|hour|day)", value)
    if match is None:
        raise ImproperlyConfigured(
            f"{name} must be like 10/minute (or second, hour, day) or off, not {value!r}."
        )
    return Rate(int(match[1]), _SECONDS[match[2]])


def url(name: str, *, schemes: tuple[str, ...], default: str = "") -> str:
    """An absolute URL of one of `schemes`. It may hold a password: no refusal repeats it."""
    value = text(name, default)
    if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise ImproperlyConfigured(f"{name} must start with {' or '.join(schemes)}://.")
    return value


def tell_libraries(**variables: str) -> None:
    """For libraries that look for their settings in the environment, and nowhere else."""
    os.environ.update(variables)


def header_text(name: str) -> str:
    """What goes into an HTTP header: visible ASCII characters. The refusal never repeats it."""
    value = text(name)
    if re.fullmatch(r"[\x21-\x7e]*", value):
        return value
    raise ImproperlyConfigured(f"{name} must be visible ASCII characters without spaces.")
