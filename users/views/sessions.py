"""`/auth/sessions`: where one is logged in, and ending that."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.response import Response

from config.views import ApiView
from users.authentication import SignedInRequest
from users.selectors import live_sessions_of
from users.services.sessions import end_session, end_sessions
from users.session_serializers import SessionSerializer

_EXAMPLE = OpenApiExample(
    "Two devices",
    value=[
        {
            "id": "6f1c3d0e-6f0d-4a53-9a3e-0a8b0d5f7c11",
            "created_at": "2026-03-01T08:00:00Z",
            "last_used_at": "2026-03-02T17:20:00Z",
            "expires_at": "2026-03-31T08:00:00Z",
            "ip_address": "192.0.2.7",
            "user_agent": "Foyer/2.1 (Android 16)",
            "current": True,
        },
        {
            "id": "0d0b6f60-14c4-4a58-a1f5-2f30cf7b0b7c",
            "created_at": "2026-02-20T19:45:00Z",
            "last_used_at": "2026-02-27T06:10:00Z",
            "expires_at": "2026-03-22T19:45:00Z",
            "ip_address": "2001:db8::1",
            "user_agent": "curl/8.14.1",
            "current": False,
        },
    ],
    response_only=True,
)


@extend_schema(tags=["Sessions"])
class SessionsView(ApiView):
    request: SignedInRequest

    @extend_schema(
        summary="One's own sessions, newest first",
        description="Every log-in that still works. `last_used_at` is exact to the minute.",
        responses=SessionSerializer(many=True),
        examples=[_EXAMPLE],
    )
    def get(self, request: SignedInRequest) -> Response:
        sessions = live_sessions_of(request.user, now=timezone.now())
        return Response(SessionSerializer(sessions, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="auth_sessions_destroy_all",
        summary="Log out everywhere",
        description="Ends all of one's own sessions, the present one included.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: SignedInRequest) -> Response:
        end_sessions(user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["Sessions"])
class SessionView(ApiView):
    request: SignedInRequest

    @extend_schema(
        summary="Log out one device",
        description="Ends one of one's own sessions; its tokens are `401` from then on.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: SignedInRequest, pk: UUID) -> Response:
        sessions = live_sessions_of(request.user, now=timezone.now())
        end_session(get_object_or_404(sessions, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)
