"""`/healthz`: the process lives. `/readyz`: what it needs is in order."""

import logging
import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from api.description.schema import get_operation
from api.read_only_view import ReadOnlyView

_log = logging.getLogger("foyer.health")


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are missing; run `manage.py migrate`")


def _storage() -> None:
    if settings.S3_BUCKET:
        default_storage.exists("readyz")  # asks the bucket, without leaving anything in it
    else:
        name = default_storage.save(f"readyz/{secrets.token_hex(8)}", ContentFile(b"ready"))
        default_storage.delete(name)


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
}


class _UncachedView(ReadOnlyView):
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)


class HealthView(_UncachedView):
    openapi = get_operation(
        "health_retrieve",
        tag="Service",
        summary="Check that the process lives",
        description="Touches nothing but the process.",
        media_type="application/json",
        success="It lives.",
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "ok"})


class ReadinessView(_UncachedView):
    openapi = get_operation(
        "readiness_retrieve",
        tag="Service",
        summary="Check that everything it needs is in order",
        description="Database, migrations and file storage.",
        media_type="application/json",
        success="Everything is in order.",
        errors={503: "Something is not in order; the body says what."},
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        """`200` when every check passes, else `503`. What failed stands in the log; the answer
        names only the part, since anybody may ask."""
        failed = []
        for name, check in CHECKS.items():
            try:
                check()
            except Exception:  # noqa: BLE001  # whatever it raises, the answer is "not ready"
                _log.warning("%s is not ready", name, exc_info=True)
                failed.append(name)
        state = {name: "failed" if name in failed else "ok" for name in CHECKS}
        return JsonResponse(
            {"status": "unavailable" if failed else "ok", "checks": state},
            status=503 if failed else 200,
        )
