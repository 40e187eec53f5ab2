"""One's own password and picture."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.response import Response

from config.parsers import StrictMultiPartParser
from config.views import ApiView
from users.authentication import SignedInRequest
from users.serializers import AvatarUploadSerializer, FullUserSerializer, PasswordChangeSerializer
from users.services.avatars import replace_avatar
from users.services.passwords import change_password


@extend_schema(tags=["Accounts"])
class PasswordView(ApiView):
    request: SignedInRequest

    @extend_schema(
        operation_id="password_change",
        summary="Change one's password; every other session ends",
        request=PasswordChangeSerializer,
        responses={204: None},
        examples=[
            OpenApiExample(
                "Change",
                {
                    "old_password": "correct horse battery staple",
                    "new_password": "a garden of forking paths",
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: SignedInRequest) -> Response:
        incoming = PasswordChangeSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        change_password(
            user=request.user,
            session=request.auth,
            now=timezone.now(),
            **incoming.validated_data,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["Accounts"])
class AvatarView(ApiView):
    request: SignedInRequest
    parser_classes = (StrictMultiPartParser,)

    @extend_schema(
        operation_id="avatar_upload",
        summary="Set one's picture: JPEG, PNG, WebP or GIF, at most 10 MiB",
        description="Stored upright, without metadata, scaled down to at most 200x200. At most "
        "50 megapixels for JPEG, 16 for the others.",
        request={"multipart/form-data": AvatarUploadSerializer},
        responses=FullUserSerializer,
    )
    def put(self, request: SignedInRequest) -> Response:
        incoming = AvatarUploadSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        replace_avatar(user=request.user, picture=incoming.validated_data["avatar"])
        return Response(FullUserSerializer(request.user, context={"request": request}).data)

    @extend_schema(
        operation_id="avatar_delete",
        summary="Remove one's picture, if there is one",
        responses={204: None},
    )
    def delete(self, request: SignedInRequest) -> Response:
        replace_avatar(user=request.user, picture=None)
        return Response(status=status.HTTP_204_NO_CONTENT)
