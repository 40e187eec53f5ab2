"""`/users`: signing up, profiles, the directory for staff."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from config.errors import Forbidden
from config.permissions import IsStaff
from config.views import ApiViewSet
from users import selectors
from users.authentication import SignedInRequest
from users.devices import device_of
from users.models import User
from users.serializers import (
    FullUserSerializer,
    ProfileUpdateSerializer,
    PublicUserSerializer,
    SignedUpUserSerializer,
    SignUpSerializer,
    UserFilterSerializer,
)
from users.services.profiles import delete_user, update_profile
from users.services.registration import register
from users.services.sessions import open_session


class NotYourAccount(Forbidden):
    code = "not_your_account"
    message = "Only the owner of an account and staff may change it."


@extend_schema_view(
    list=extend_schema(
        summary="All users (staff)",
        parameters=[UserFilterSerializer],
        responses=FullUserSerializer(many=True),
    ),
    create=extend_schema(
        summary="Sign up with email, username, password and birthdate",
        request=SignUpSerializer,
        responses={201: SignedUpUserSerializer},
    ),
    retrieve=extend_schema(
        summary="One user: full for oneself and staff, else public", responses=FullUserSerializer
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
        incoming = SignUpSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        now = timezone.now()
        user = register(today=now.date(), **incoming.validated_data)
        tokens = open_session(user=user, device=device_of(request), now=now)
        body = self.get_serializer(user).data | {"access": tokens.access, "refresh": tokens.refresh}
        location = request.build_absolute_uri(reverse("user", args=[user.pk]))
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": location})

    def retrieve(self, request: SignedInRequest, pk: int | None = None) -> Response:
        user = self._user(pk)
        full = user == request.user or request.user.is_staff
        serializer = FullUserSerializer if full else PublicUserSerializer
        return Response(serializer(user, context=self.get_serializer_context()).data)

    def partial_update(self, request: SignedInRequest, pk: int | None = None) -> Response:
        user = self._own_user(pk)
        incoming = ProfileUpdateSerializer(data=request.data, partial=True)
        incoming.is_valid(raise_exception=True)
        user = update_profile(user=user, today=timezone.now().date(), **incoming.validated_data)
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
