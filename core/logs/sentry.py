"""Reports of unexpected errors to Sentry or a server that speaks its protocol, without secrets."""

from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured

from core.env import require_package
from core.logs.formatter import redact


def start(dsn: str) -> None:
    """Raises ImproperlyConfigured for a DSN that is none."""
    require_package("sentry_sdk", setting="SENTRY_DSN")
    import sentry_sdk  # noqa: PLC0415  # a package that only some operators need

    try:
        sentry_sdk.utils.Dsn(dsn)
    except sentry_sdk.utils.BadDsn as error:
        raise ImproperlyConfigured(
            f"SENTRY_DSN must be like https://KEY@host/PROJECT: {error}."
        ) from error
    sentry_sdk.init(
        dsn=dsn,
        before_send=redact_event,
        # Neither people nor what they sent, nor values of variables, which may be passwords.
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        shutdown_timeout=5,
    )


def redact_event(event: Any, hint: dict[str, Any]) -> Any:
    """Of the request only its method stays; what looks like a credential anywhere is `***`."""
    request = event.pop("request", {})
    event["request"] = {"method": request.get("method")}
    event.pop("breadcrumbs", None)
    return orjson.loads(redact(orjson.dumps(event, default=str).decode()))
