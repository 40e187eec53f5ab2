"""`/auth/totp`: one's second factor."""

from django.utils import timezone
from rest_framework import status
from rest_framework.response import Response

from api.description.schema import raises
from api.views import ApiView
from core.client_ip import client_ip
from users.second_factor import schema, services
from users.second_factor.qr_code import qr_svg
from users.second_factor.selectors import second_factor_status
from users.second_factor.serializers import (
    ConfirmationSerializer,
    EnrolmentSerializer,
    RecoveryCodesSerializer,
    RemovalSerializer,
    SecondFactorStatusSerializer,
)
from users.sessions.authentication import SignedInRequest
from users.throttling.limits import LimitReached


@schema.second_factor
class SecondFactorView(ApiView):
    request: SignedInRequest
    delete_takes_body = True

    def get(self, request: SignedInRequest) -> Response:
        return Response(SecondFactorStatusSerializer(second_factor_status(request.user)).data)

    @raises(services.AlreadyActive)
    def post(self, request: SignedInRequest) -> Response:
        enrolment = services.enrol(user=request.user, now=timezone.now())
        picture = qr_svg(enrolment.otpauth_url)
        return Response(EnrolmentSerializer({**enrolment._asdict(), "qr_svg": picture}).data)

    @raises(services.WrongPassword, services.WrongOTP, services.NoSecondFactor, LimitReached)
    def delete(self, request: SignedInRequest) -> Response:
        incoming = RemovalSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        services.remove(
            user=request.user,
            address=client_ip(request._request),
            now=timezone.now(),
            **incoming.validated_data,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.confirmation
class SecondFactorConfirmView(ApiView):
    request: SignedInRequest

    @raises(services.WrongOTP, services.NothingToConfirm, LimitReached)
    def post(self, request: SignedInRequest) -> Response:
        incoming = ConfirmationSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        otp = incoming.validated_data["code"]
        codes = services.confirm(user=request.user, otp=otp, now=timezone.now())
        return Response(RecoveryCodesSerializer({"recovery_codes": codes}).data)
