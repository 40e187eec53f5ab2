"""Keyed hashes: rows that count or remember what a stranger typed do not keep the text itself."""

import hashlib
import hmac

from django.conf import settings

from core.keys import derived_key


def keyed_hash(kind: str, text: str) -> str:
    """64 hex digits. The same text of another `kind` has another one; without the server's key
    nobody can try texts against it."""
    key = derived_key(settings.SECRET_KEY, purpose="fingerprints")
    return hmac.new(key.encode(), f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()
