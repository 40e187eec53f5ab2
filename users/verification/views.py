"""`/auth/email`: verifying one's email address, or changing to a verified one."""

from django.utils import timezone
from rest_framework import status
from rest_framework.response import Response

from api.description.schema import raises
from api.views import ApiView
from core.client_ip import client_ip
from users.codes.services import WrongCode
from users.sessions.authentication import SignedInRequest
from users.throttling.limits import LimitReached
from users.verification import schema
from users.verification.serializers import (
    EmailChangeRequestSerializer,
    EmailChangeSerializer,
    VerificationSerializer,
)
from users.verification.services import (
    EmailTaken,
    NoEmailAddress,
    confirm_email_change,
    confirm_verification,
    request_email_change,
    request_verification,
)


@schema.verification_request
class VerificationRequestView(ApiView):
    request: SignedInRequest

    @raises(NoEmailAddress, LimitReached)
    def post(self, request: SignedInRequest) -> Response:
        address = client_ip(request._request)
        request_verification(user=request.user, address=address, now=timezone.now())
        return Response(status=status.HTTP_202_ACCEPTED)


@schema.verification_confirm
class VerificationConfirmView(ApiView):
    request: SignedInRequest

    @raises(NoEmailAddress, WrongCode)
    def post(self, request: SignedInRequest) -> Response:
        incoming = VerificationSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        confirm_verification(user=request.user, now=timezone.now(), **incoming.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.email_change_request
class EmailChangeRequestView(ApiView):
    request: SignedInRequest

    @raises(LimitReached)
    def post(self, request: SignedInRequest) -> Response:
        incoming = EmailChangeRequestSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        request_email_change(
            user=request.user,
            email=incoming.validated_data["email"],
            address=client_ip(request._request),
            now=timezone.now(),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


@schema.email_change_confirm
class EmailChangeConfirmView(ApiView):
    request: SignedInRequest

    @raises(WrongCode, EmailTaken)
    def post(self, request: SignedInRequest) -> Response:
        incoming = EmailChangeSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        confirm_email_change(user=request.user, now=timezone.now(), **incoming.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
