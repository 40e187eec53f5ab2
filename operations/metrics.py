"""Figures for Prometheus at `/metrics`, where METRICS_TOKEN is set.

The web processes keep theirs in files (`DATA_DIR/metrics`), so whichever of them is asked answers
for all of this installation. Paths are counted by their route: some hold tokens.
"""

import secrets
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from huey.contrib.djhuey import HUEY
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.errors.responses import error_response
from core.logs.route import route_of
from repos.selectors import last_ended_run

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_requests = Histogram(
    "foyer_request_seconds",
    "Time from the complete request to the answer, by route.",
    ["method", "route", "status"],
    buckets=BUCKETS_SECONDS,
)


def measure_requests(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = get_response(request)
        # Anybody may send any word as a method: it must not become a series each.
        method = request.method if request.method in METHODS else "other"
        seconds = time.perf_counter() - started
        _requests.labels(method, route_of(request), response.status_code).observe(seconds)
        return response

    return middleware


class InstallationCollector(Collector):
    """What the database knows, asked when Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "foyer_tasks_waiting", "Background tasks not begun yet.", HUEY.pending_count()
        )
        yield GaugeMetricFamily(
            "foyer_tasks_scheduled", "Background tasks for later.", HUEY.scheduled_count()
        )
        newest = last_ended_run()
        if newest and newest.ended_at:
            yield GaugeMetricFamily(
                "foyer_traffic_run_age_seconds",
                "Time since a run of fetch_traffic ended.",
                (timezone.now() - newest.ended_at).total_seconds(),
            )
            yield GaugeMetricFamily(
                "foyer_traffic_run_failed", "Repositories it failed for.", newest.failed_count
            )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secrets.compare_digest(
        token.encode(), settings.METRICS_TOKEN.encode()
    ):
        return error_response(
            401,
            "not_authenticated",
            "Send METRICS_TOKEN as a bearer token.",
            headers={"WWW-Authenticate": 'Bearer realm="metrics"'},
        )
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))  # type: ignore[no-untyped-call]  # the library's
    registry.register(InstallationCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
