"""The admin site."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

from config.errors import TooManyRequests


class FoyerAdminSite(AdminSite):
    site_header = site_title = "Foyer"
    index_title = "Administration"
    site_url = "/docs"

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Limited as the log-ins of the API are, by the same counters."""
        try:
            return super().login(request, extra_context)
        except TooManyRequests as refusal:
            return HttpResponse(
                refusal.sentence,
                status=429,
                content_type="text/plain; charset=utf-8",
                headers={"Retry-After": str(refusal.retry_after_seconds)},
            )
