"""Keys: generated once into the data directory, or derived from one master secret."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MIN_KEY_BYTES = 32


def require_strength(name: str, value: str) -> str:
    """`value`; raises ImproperlyConfigured when it is shorter than HS256 wants (RFC 7518 §3.2).

    `name` of a setting, or of the file that the value is from.
    """
    if len(value.encode()) < MIN_KEY_BYTES:
        raise ImproperlyConfigured(
            f"{name} must be at least {MIN_KEY_BYTES} bytes long; "
            "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` makes a good one."
        )
    return value


def load_or_create_key(path: Path) -> str:
    """The key in `path` (mode 0600), generated at the first call. Raises ImproperlyConfigured."""
    try:
        _create_key(path)
        key = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set, and its file {path} cannot be read or made: {reason}."
        ) from error
    return require_strength(f"SECRET_KEY (in {path})", key)


def _create_key(path: Path) -> None:
    """Several processes may start at one instant: the file appears complete or not at all, and the
    first one wins."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # no hard links (SMB, shared folders of virtual machines)
            if not path.exists():
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def derived_key(secret: str, *, purpose: str) -> str:
    """A key of 64 hex digits for one purpose, which tells nothing of `secret` or another one."""
    return hmac.new(secret.encode(), f"foyer:{purpose}".encode(), hashlib.sha256).hexdigest()
