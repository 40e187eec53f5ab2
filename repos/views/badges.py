"""`/api/repos/<id>/badge` and the public images below `/badges/`."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.response import Response

from api.description.schema import get_operation
from api.errors.responses import error_response
from api.preconditions import conditional_response
from api.read_only_view import ReadOnlyView
from repos.badges.badge import Badge, badge_svg
from repos.badges.cache import badge_cache
from repos.badges.chart import message_svg
from repos.badges.images import SVG, render_image
from repos.openapi import REPOSITORY_ID
from repos.serializers import BadgeSerializer
from repos.services.badges import issue_badge_token, withdraw_badge_token
from repos.views.base import TrafficView
from repos.views.lookup import own_repository
from users.sessions.authentication import SignedInRequest

_CACHE_CONTROL = "public, max-age=3600"
# A mistyped address is tried again soon.
_UNKNOWN_CACHE_CONTROL = "public, max-age=60"
# For who opens the image itself; as part of a page it runs nothing anyway.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_UNKNOWN = "There is no badge at this address."
_EXAMPLE_TOKEN = "0c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5"  # noqa: S105  # opens nothing
_EXAMPLE_URL = f"https://foyer.example.org/badges/{_EXAMPLE_TOKEN}/views"


class BadgeTokenView(TrafficView):
    @extend_schema(
        operation_id="badges_create",
        parameters=[REPOSITORY_ID],
        summary="Get the addresses of the badges of a repository",
        description=(
            "The token in them is public: it opens the badges of this repository and nothing else."
            " It stays the same until unbadge. Badges: `views`, `clones` (all stored days),"
            " `unique-visitors` (GitHub's 14 days), `downloads` (present counters), `stars`"
            " (newest), each as `.svg` and as `.json` for shields.io; and `chart.svg`."
        ),
        request=None,
        responses={200: BadgeSerializer},
        examples=[
            OpenApiExample(
                "Badge",
                {
                    "token": _EXAMPLE_TOKEN,
                    "svg": f"{_EXAMPLE_URL}.svg",
                    "json": f"{_EXAMPLE_URL}.json",
                    "markdown": f"![views]({_EXAMPLE_URL}.svg)",
                },
                response_only=True,
            )
        ],
    )
    def post(self, request: SignedInRequest, repository_id: str) -> Response:
        repository = own_repository(request, repository_id)
        token = issue_badge_token(repository=repository, now=timezone.now())
        svg, json = (
            request.build_absolute_uri(reverse("badge", args=[token, name]))
            for name in ("views.svg", "views.json")
        )
        return Response({"token": token, "svg": svg, "json": json, "markdown": f"![views]({svg})"})


class UnbadgeView(TrafficView):
    @extend_schema(
        operation_id="badges_delete",
        parameters=[REPOSITORY_ID],
        summary="Close the badges of a repository",
        description="Their addresses are unknown from now on; other caches show them for an hour.",
        request=None,
        responses={202: OpenApiResponse(description="Done.")},
    )
    def post(self, request: SignedInRequest, repository_id: str) -> Response:
        withdraw_badge_token(repository=own_repository(request, repository_id))
        return Response({}, status=status.HTTP_202_ACCEPTED)


class BadgeView(ReadOnlyView):
    """`/badges/<token>/<name>`, for everybody. No view of the REST framework: it is read more often
    than anything else, and answers images."""

    openapi = get_operation(
        "badges_retrieve",
        tag="Traffic",
        summary="Get a badge or a chart of a repository, as an image or as data",
        description=(
            "`views.svg`, `unique-visitors.svg`, `clones.svg`, `downloads.svg`, `stars.svg`, the"
            " same with `.json` in the schema of shields.io's endpoint badge, and `chart.svg`. Open"
            " to everyone; may be cached for an hour."
        ),
        media_type="image/svg+xml",
        success="The image, or the data of the badge.",
        path_parameters={
            "token": "As `POST /api/repos/{repository_id}/badge` gives it.",
            "name": "The metric and the format, such as `views.svg`.",
        },
        has_entity_tag=True,
        errors={404: "An image that says so, or an error for `.json`."},
    )

    def get(self, request: HttpRequest, token: str, name: str) -> HttpResponseBase:
        image = badge_cache.get(
            (token, name), lambda: render_image(token, name, today=timezone.now().date())
        )
        if image is None:
            return _unknown(name)
        response = HttpResponse(
            image.content,
            content_type=image.content_type,
            headers={
                "Cache-Control": _CACHE_CONTROL,
                "ETag": image.etag,
                "Content-Security-Policy": _POLICY,
            },
        )
        return conditional_response(request, response)


def _unknown(name: str) -> HttpResponse:
    headers = {"Cache-Control": _UNKNOWN_CACHE_CONTROL}
    if name.endswith(".json"):
        return error_response(404, "unknown_badge", _UNKNOWN, headers=headers)
    svg = (
        message_svg(_UNKNOWN)
        if name == "chart.svg"
        else badge_svg(Badge("badge", "unknown", is_known=False))
    )
    return HttpResponse(
        svg,
        status=404,
        content_type=SVG,
        headers=headers | {"Content-Security-Policy": _POLICY},
    )
