"""`/api/users/…`: accounts, tokens and the credential of the traffic API."""

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.schema import raises
from api.views import OpenView
from core.client_ip import client_ip
from repos.credentials.services import remove_github_credential, store_github_credential
from repos.serializers import (
    AlertsSerializer,
    EmailSignUpSerializer,
    GitHubCredentialSerializer,
    ShareTokenSerializer,
    TokenSerializer,
)
from repos.services import tokens
from repos.services.alerts import AddressNotVerified, set_email_alerts
from repos.views.base import TrafficView
from users.sessions.authentication import SignedInRequest
from users.signup.responses import SIGN_UP_ERRORS, Outcome, respond_once
from users.signup.schema import IDEMPOTENCY_KEY
from users.throttling.limits import ip_subnet

_EXAMPLE_TOKEN = "5b0c4f3a9e8d7c6b5a4f3e2d1c0b9a87"  # noqa: S105  # opens nothing
_ACCEPTED = OpenApiResponse(description="Done.")


@extend_schema(tags=["Traffic"])
class EmailSignUpView(OpenView):
    @raises(*SIGN_UP_ERRORS)
    @extend_schema(
        operation_id="api_accounts_create",
        parameters=[IDEMPOTENCY_KEY],
        summary="Get an API token for an email address",
        request=EmailSignUpSerializer,
        responses={200: TokenSerializer},
        examples=[
            OpenApiExample("Sign up", {"email": "ada@example.org"}, request_only=True),
            OpenApiExample("Token", {"token": _EXAMPLE_TOKEN}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        ip_address = client_ip(request._request)

        def sign_up() -> Outcome:
            fields, malformed = EmailSignUpSerializer(data=request.data).read()
            user, token = tokens.sign_up_with_token(
                ip_address=ip_address, now=timezone.now(), malformed=malformed, **fields
            )
            return Outcome(user, status.HTTP_200_OK, {"token": token})

        # No password is in the body: who guesses key and email must not get the token elsewhere.
        return respond_once(request, f"api/users/create {ip_subnet(ip_address)}", sign_up)


class ApiTokenView(TrafficView):
    @extend_schema(
        operation_id="api_tokens_create",
        summary="Get an API token; it replaces the previous one",
        request=None,
        responses={200: TokenSerializer},
        examples=[OpenApiExample("Token", {"token": _EXAMPLE_TOKEN}, response_only=True)],
    )
    def post(self, request: SignedInRequest) -> Response:
        return Response({"token": tokens.issue_api_token(user=request.user, now=timezone.now())})


class ShareView(TrafficView):
    @extend_schema(
        operation_id="share_tokens_create",
        summary="Get a token that opens only the chart pages; it replaces the previous one",
        request=None,
        responses={200: ShareTokenSerializer},
        examples=[
            OpenApiExample(
                "Share token",
                {
                    "token": _EXAMPLE_TOKEN,
                    "url": f"https://foyer.example.org/users/{_EXAMPLE_TOKEN}/repos",
                },
                response_only=True,
            )
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        token = tokens.issue_share_token(user=request.user, now=timezone.now())
        url = request.build_absolute_uri(reverse("repositories-page", args=[token]))
        return Response({"token": token, "url": url})


class UnshareView(TrafficView):
    @extend_schema(
        operation_id="share_tokens_delete",
        summary="Revoke the share token",
        request=None,
        responses={202: _ACCEPTED},
    )
    def post(self, request: SignedInRequest) -> Response:
        tokens.stop_sharing(user=request.user)
        return Response({}, status=status.HTTP_202_ACCEPTED)


class GitHubCredentialView(TrafficView):
    @extend_schema(
        operation_id="github_credentials_update",
        summary="Store your GitHub token, or remove it with null",
        description=(
            "Your repositories are read with it from then on. It needs the repository permission"
            " Administration: read (fine-grained), or the scope repo with push access (classic)."
            " Downloads of private repositories need Contents: read besides. It is encrypted and"
            " never shown again. White space, quotes and NAME= around it are removed."
        ),
        request=GitHubCredentialSerializer,
        responses={202: _ACCEPTED},
        examples=[
            OpenApiExample("Store", {"token": "github_pat_..."}, request_only=True),
            OpenApiExample("Remove", {"token": None}, request_only=True),
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        incoming = GitHubCredentialSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        token = incoming.validated_data["token"]
        if token is None:
            remove_github_credential(user=request.user)
        else:
            store_github_credential(user=request.user, token=token, now=timezone.now())
        return Response({}, status=status.HTTP_202_ACCEPTED)


class AlertsView(TrafficView):
    @raises(AddressNotVerified)
    @extend_schema(
        operation_id="alerts_update",
        summary="Switch the mails that warn of lost traffic on or off",
        description=(
            "On by default when your email address is verified. A mail is sent when your GitHub"
            " token expires within 7 days, when three daily fetches in a row failed, and when days"
            " will be lost within 5 days; each at most once a week."
        ),
        request=AlertsSerializer,
        responses={202: _ACCEPTED},
        examples=[OpenApiExample("Off", {"email": False}, request_only=True)],
    )
    def post(self, request: SignedInRequest) -> Response:
        incoming = AlertsSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        set_email_alerts(user=request.user, **incoming.validated_data)
        return Response({}, status=status.HTTP_202_ACCEPTED)
