"""`/users/<token>/repos` and `/users/<token>/repos/<id>` (requirements E8 to E10).

Links between the pages are relative, so that no answer holds the token: it can be saved, printed
and compressed without giving it away.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page

from core.csp import new_nonce
from core.exceptions import ValidationFailed
from repos import selectors
from repos.models import PopularityKind, TrackedRepository
from repos.pages import schema
from repos.pages.error_pages import error_page
from repos.pages.other_data import GrowthData, growth_within, other_data_of
from repos.pages.panels import Panel, panel_of, shared_axis
from repos.pages.popular import popular_table
from repos.pages.privacy import make_private
from repos.pages.queries import PageQuery, parse_page_query, quick_ranges
from repos.pages.total import Total, total_of
from repos.traffic.axes import Axis
from repos.traffic.csv_files import csv_response
from repos.traffic.popularity import popular_over_time
from users.models import User


# Nothing is changed by these pages: a POST is a wrong method, not a forged request.
@method_decorator([csrf_exempt, gzip_page], name="dispatch")
class TokenPage(View):
    """A page of the user whose API or share token stands in the address."""

    # For what goes wrong outside the view: see api.errors.views.
    error_page = staticmethod(error_page)
    # Of this request.
    now: datetime
    nonce: str
    repositories: list[TrackedRepository]
    asked: PageQuery
    context: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.now = timezone.now()
        self.nonce = new_nonce()
        response = super().dispatch(request, *args, **kwargs)
        make_private(response, nonce=self.nonce)
        return response

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        allowed = super().http_method_not_allowed(request, *args, **kwargs)["Allow"]
        return error_page(request, 405, nonce=self.nonce, headers={"Allow": allowed})

    def get(self, request: HttpRequest, token: str, **kwargs: str) -> HttpResponse:
        by_api_token = selectors.user_with_api_token(token)
        user = by_api_token or selectors.user_with_share_token(token)
        repositories = self.repositories_of(user, **kwargs) if user else None
        if repositories is None:
            # The same for an unknown token and a repository that the user has not.
            return error_page(request, 404, nonce=self.nonce)
        return self.show(repositories, by_api_token=by_api_token is not None)

    def show(self, repositories: list[TrackedRepository], **context: object) -> HttpResponse:
        """`context`: further variables of the templates."""
        self.repositories, self.context = repositories, context
        try:
            self.asked = parse_page_query(self.request.GET)
        except ValidationFailed as refusal:
            return self.page("refused.html", {"refusal": refusal}, status=400)
        return self.answer()

    def repositories_of(self, user: User, **kwargs: str) -> list[TrackedRepository] | None:
        """Those that the page shows, or None."""
        raise NotImplementedError

    def answer(self) -> HttpResponse:
        raise NotImplementedError

    def panels(self, *, with_growth: bool) -> tuple[list[Panel], Axis | None]:
        """In a fixed number of queries, whatever the number of repositories."""
        within, today = self.asked.within, self.now.date()
        all_traffic = selectors.traffic_of_all(self.repositories, within=within, now=self.now)
        grown = growth_within(self.repositories, within) if with_growth else GrowthData()
        # A range may begin in a gap of any history.
        measured = (
            [traffic.repository for traffic in all_traffic if not traffic.days]
            if within.start is None
            else self.repositories
        )
        extents = selectors.extents_of(measured) if measured else {}
        axis = shared_axis(
            [traffic.days for traffic in all_traffic],
            grown.dates(),
            within=within,
            begun=min((first for first, _ in extents.values()), default=None),
            grouping=self.asked.grouping,
            today=today,
        )
        other = other_data_of(self.repositories, grown, axis, asked_end=within.end, today=today)
        panels = [
            panel_of(
                traffic,
                other[traffic.repository.pk],
                axis,
                today=today,
                history=extents.get(traffic.repository.pk),
            )
            for traffic in all_traffic
        ]
        return panels, axis

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        request, today = self.request, self.now.date()
        common = self.context | {
            "nonce": self.nonce,
            "today": today,
            "quick_ranges": quick_ranges(request.GET, today=today),
            "query": {name: request.GET.get(name, "")[:40] for name in ("start", "end", "by")},
            "query_string": _query_string(request),
            "up": _up(request),
        }
        return render(request, f"repos/pages/{template}", common | context, status=status)


class OverviewPage(TokenPage):
    openapi = schema.OVERVIEW

    def repositories_of(self, user: User, **kwargs: str) -> list[TrackedRepository]:
        return list(selectors.repositories_of(user))

    def answer(self) -> HttpResponse:
        panels, axis = self.panels(with_growth=False)
        panels.sort(key=lambda panel: -panel.views)
        total = total_of(panels, axis)
        return self.page(
            "overview.html",
            {
                "asked": self.asked,
                "panels": panels,
                "axis": axis,
                "total": total,
                "chart_data": _chart_data(panels, axis, total),
            },
        )


class RepositoryPage(TokenPage):
    openapi = schema.REPOSITORY

    def repositories_of(self, user: User, **kwargs: str) -> list[TrackedRepository] | None:
        repository = selectors.repository_of(user, kwargs["repository_id"])
        return [repository] if repository else None

    def answer(self) -> HttpResponse:
        [repository] = self.repositories
        if self.request.GET.get("format") == "csv":
            return csv_response(repository, within=self.asked.within)
        within = self.asked.within
        [panel], axis = self.panels(with_growth=True)
        return self.page(
            "repository.html",
            {
                "asked": self.asked,
                "panel": panel,
                "axis": axis,
                "referrers": popular_table(
                    popular_over_time(repository, PopularityKind.REFERRERS, within=within)
                ),
                "paths": popular_table(
                    popular_over_time(repository, PopularityKind.PATHS, within=within)
                ),
                "chart_data": _chart_data([panel], axis),
            },
        )


def _chart_data(
    panels: Sequence[Panel], axis: Axis | None, total: Total | None = None
) -> dict[str, Any]:
    if axis is None:
        return {}
    repositories = {panel.id: panel.chart_data for panel in panels if panel.chart_data}
    if total is not None:
        repositories["total"] = total.chart_data
    return {
        "by": axis.grouping,
        "starts": axis.starts,
        "days": [axis.days_in(position) for position in range(len(axis))],
        "repositories": repositories,
    }


def _query_string(request: HttpRequest) -> str:
    """What a link to the other page takes along: the range and the grouping."""
    query = request.GET.copy()
    for name in list(query):
        if name not in ("start", "end", "by") or not query[name]:
            del query[name]
    return f"?{query.urlencode()}" if query else ""


def _up(request: HttpRequest) -> str:
    """Relative links count from the last slash of the address as the reader has it."""
    return "../" if cast(str, request.META["PATH_INFO"]).endswith("/") else ""
