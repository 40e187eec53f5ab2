"""`/users`: signing up, profiles, the directory for staff."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.schema import raises
from api.permissions import IsStaff
from api.preconditions import entity_tagged, if_match
from api.query_params import read_query
from api.response_cache import cache_response
from api.views import ApiViewSet
from core.client_ip import client_ip
from core.exceptions import PreconditionFailed
from users.models import User
from users.profiles import schema, selectors
from users.profiles.memberships import LastOwner, organizations_by_user
from users.profiles.selectors import NotYourAccount
from users.profiles.serializers import (
    FullUserSerializer,
    ProfileUpdateSerializer,
    UserQuerySerializer,
    account_serializer,
)
from users.profiles.services import delete_user, update_profile
from users.sessions.authentication import SignedInRequest
from users.signup.responses import SIGN_UP_ERRORS
from users.signup.serializers import SignUpSerializer
from users.signup.views import MULTI_VALUE_FIELDS, SIGN_UP_PARSERS, sign_up_response
from users.throttling.limits import LimitReached


@schema.users
@extend_schema(tags=["Accounts"])
class UserViewSet(ApiViewSet):
    request: SignedInRequest
    queryset = User.objects.none()
    serializer_class = FullUserSerializer
    ordering = ("id",)
    open_methods = frozenset({"POST"})
    multi_value_fields = MULTI_VALUE_FIELDS

    def get_parsers(self) -> list[BaseParser]:
        # A picture comes with a sign-up only; the schema is drawn without requests.
        request: Request | None = getattr(self, "request", None)
        if request is not None and request.method == "POST":
            return [parser() for parser in SIGN_UP_PARSERS]
        return super().get_parsers()

    def get_permissions(self) -> Sequence[Any]:
        return [IsStaff()] if self.action == "list" else super().get_permissions()

    def list(self, request: Request) -> Response:
        filters = read_query(UserQuerySerializer, request.query_params)
        users = selectors.all_users(
            search=filters.get("search", ""),
            organization_id=filters.get("organization"),
            gender=filters.get("gender"),
        )
        page = self.paginate_queryset(users) or []
        context = {
            **self.get_serializer_context(),
            "organizations": organizations_by_user([user.pk for user in page]),
        }
        serializer = FullUserSerializer(page, many=True, context=context)
        return self.get_paginated_response(serializer.data)

    @raises(*SIGN_UP_ERRORS)
    def create(self, request: Request) -> Response:
        return sign_up_response(request, "users", SignUpSerializer)

    @entity_tagged
    @cache_response()
    @schema.me
    def me(self, request: SignedInRequest) -> Response:
        return Response(self.get_serializer(request.user).data)

    @entity_tagged
    @cache_response()
    def retrieve(self, request: SignedInRequest, pk: int) -> Response:
        own = pk == request.user.pk
        user = request.user if own else get_object_or_404(selectors.all_users(), pk=pk)
        serializer = account_serializer(account=user, viewer=request.user)
        return Response(serializer(user, context=self.get_serializer_context()).data)

    @raises(NotYourAccount, LastOwner, PreconditionFailed, LimitReached)
    @entity_tagged
    def partial_update(self, request: SignedInRequest, pk: int | None = None) -> Response:
        user = selectors.editable_user(viewer=request.user, pk=pk)
        changes, malformed = ProfileUpdateSerializer(data=request.data).read()
        user = update_profile(
            user=user,
            now=timezone.now(),
            malformed=malformed,
            precondition=if_match(request, self._in_full),
            ip_address=client_ip(request._request),
            **changes,
        )
        return Response(self._in_full(user))

    @raises(NotYourAccount, PreconditionFailed)
    def destroy(self, request: SignedInRequest, pk: int | None = None) -> Response:
        user = selectors.editable_user(viewer=request.user, pk=pk)
        delete_user(user=user, precondition=if_match(request, self._in_full))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _in_full(self, user: User) -> Any:
        return self.get_serializer(user).data
