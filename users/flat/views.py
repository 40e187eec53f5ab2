"""Flat accounts (brief D): `/` and `/user`."""

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.description.schema import raises
from api.preconditions import entity_tagged, if_match
from api.views import ApiView, OpenView
from core.client_ip import client_ip
from core.exceptions import NotAuthenticated, PreconditionFailed
from users.flat import schema
from users.flat.serializers import FlatSignUpSerializer, FlatUpdateSerializer, flat_user
from users.flat.services import update_flat_user
from users.models import Session, User
from users.profiles.selectors import NotYourAccount, editable_user
from users.profiles.services import delete_user
from users.sessions.authentication import BearerAuthentication, SignedInRequest
from users.signup.responses import SIGN_UP_ERRORS, Outcome, respond_once
from users.signup.services import sign_up
from users.throttling.limits import LimitReached


class BearerIfAny(BearerAuthentication):
    """A token that is not valid counts as none."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        try:
            return super().authenticate(request)
        except NotAuthenticated:
            return None


@schema.home
class HomeView(ApiView):
    authentication_classes = (BearerIfAny,)
    permission_classes = ()

    def get(self, request: Request) -> Response:
        if isinstance(request.user, User):
            return Response(flat_user(request.user))
        return Response(
            {"message": "Hello World", "documentation": reverse("docs", request=request)}
        )


@schema.sign_up
class FlatSignUpView(OpenView):
    @raises(*SIGN_UP_ERRORS)
    def post(self, request: Request) -> Response:
        def create() -> Outcome:
            fields, malformed = FlatSignUpSerializer(data=request.data).read()
            user = sign_up(
                ip_address=client_ip(request._request),
                now=timezone.now(),
                malformed=malformed,
                **fields,
            )
            location = reverse("flat-user", args=[user.username], request=request)
            return Outcome(user, status.HTTP_201_CREATED, flat_user(user), location=location)

        return respond_once(request, "user", create)


@schema.account
class FlatUserView(ApiView):
    request: SignedInRequest

    @raises(NotYourAccount)
    @entity_tagged
    def get(self, request: SignedInRequest, username: str) -> Response:
        return Response(flat_user(editable_user(viewer=request.user, username=username)))

    @raises(NotYourAccount, PreconditionFailed, LimitReached)
    @entity_tagged
    def put(self, request: SignedInRequest, username: str) -> Response:
        user = editable_user(viewer=request.user, username=username)
        changes, malformed = FlatUpdateSerializer(data=request.data).read()
        user = update_flat_user(
            user=user,
            now=timezone.now(),
            malformed=malformed,
            precondition=if_match(request, flat_user),
            ip_address=client_ip(request._request),
            **changes,
        )
        return Response(flat_user(user))

    @raises(NotYourAccount, PreconditionFailed)
    def delete(self, request: SignedInRequest, username: str) -> Response:
        user = editable_user(viewer=request.user, username=username)
        delete_user(user=user, precondition=if_match(request, flat_user))
        return Response(status=status.HTTP_204_NO_CONTENT)
