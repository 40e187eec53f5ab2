"""`/users`: signing up, profiles, the directory for staff."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.permissions import IsStaff
from api.response_cache import cache_response
from api.views import ApiViewSet
from users.models import User
from users.profiles import selectors
from users.profiles.serializers import (
    FullUserSerializer,
    ProfileUpdateSerializer,
    PublicUserSerializer,
    UserFilterSerializer,
    account_serializer,
)
from users.profiles.services import NotYourAccount, delete_user, update_profile
from users.sessions.authentication import SignedInRequest
from users.signup.serializers import SignedUpUserSerializer, SignUpSerializer
from users.signup.views import REPEATED_PARTS, SIGN_UP_EXAMPLE, SIGN_UP_PARSERS, sign_up


@extend_schema_view(
    list=extend_schema(
        summary="All users (staff)",
        parameters=[UserFilterSerializer],
        responses=FullUserSerializer(many=True),
    ),
    create=extend_schema(
        summary="Sign up with email, username, password and birthdate",
        request={
            "application/json": SignUpSerializer,
            "multipart/form-data": SignUpSerializer,
        },
        responses={201: SignedUpUserSerializer},
        examples=[SIGN_UP_EXAMPLE],
    ),
    retrieve=extend_schema(
        summary="One user: full for oneself and staff, else public",
        responses=PolymorphicProxySerializer(
            component_name="VisibleUser",
            serializers=[FullUserSerializer, PublicUserSerializer],
            resource_type_field_name=None,
        ),
    ),
    partial_update=extend_schema(
        summary="Edit an account (its owner, staff)",
        request=ProfileUpdateSerializer,
        responses=FullUserSerializer,
    ),
    destroy=extend_schema(summary="Delete an account entirely (its owner, staff)"),
)
@extend_schema(tags=["Accounts"])
class UserViewSet(ApiViewSet):
    request: SignedInRequest
    queryset = User.objects.none()
    serializer_class = FullUserSerializer
    ordering = ("id",)
    open_methods = frozenset({"POST"})
    multi_value_fields = REPEATED_PARTS

    def get_parsers(self) -> list[BaseParser]:
        # A picture comes with a sign-up only; the schema is drawn without requests.
        request: Request | None = getattr(self, "request", None)
        if request is not None and request.method == "POST":
            return [parser() for parser in SIGN_UP_PARSERS]
        return super().get_parsers()

    def get_permissions(self) -> Sequence[Any]:
        return [IsStaff()] if self.action == "list" else super().get_permissions()

    def list(self, request: Request) -> Response:
        filters = UserFilterSerializer(data=request.query_params)
        filters.is_valid(raise_exception=True)
        users = selectors.all_users(
            search=filters.validated_data["search"],
            organization_id=filters.validated_data.get("organization"),
            gender=filters.validated_data.get("gender"),
        )
        page = self.paginate_queryset(users)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def create(self, request: Request) -> Response:
        return sign_up(request, SignUpSerializer)

    @cache_response()
    @extend_schema(summary="One's own account, in full", responses=FullUserSerializer)
    def me(self, request: SignedInRequest) -> Response:
        return Response(self.get_serializer(request.user).data)

    @cache_response()
    def retrieve(self, request: SignedInRequest, pk: int) -> Response:
        user = self._user(pk)
        serializer = account_serializer(account=user, viewer=request.user)
        return Response(serializer(user, context=self.get_serializer_context()).data)

    def partial_update(self, request: SignedInRequest, pk: int | None = None) -> Response:
        user = self._own_user(pk)
        incoming = ProfileUpdateSerializer(data=request.data, partial=True)
        incoming.is_valid(raise_exception=True)
        user = update_profile(user=user, now=timezone.now(), **incoming.validated_data)
        return Response(self.get_serializer(user).data)

    def destroy(self, request: SignedInRequest, pk: int | None = None) -> Response:
        delete_user(user=self._own_user(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _user(self, pk: int | None) -> User:
        """The user of the path; `/users/me` names none and means oneself."""
        if pk is None or pk == self.request.user.pk:
            return self.request.user
        return get_object_or_404(selectors.all_users(), pk=pk)

    def _own_user(self, pk: int | None) -> User:
        """Strangers are refused before anybody looks whether the account exists."""
        if pk not in (None, self.request.user.pk) and not self.request.user.is_staff:
            raise NotYourAccount
        return self._user(pk)
