"""The endpoints of pictures in the API description."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from users.avatars.serializers import AvatarUploadSerializer
from users.profiles.serializers import FullUserSerializer

avatar = extend_schema_view(
    put=extend_schema(
        tags=["Accounts"],
        operation_id="avatar_upload",
        summary="Set one's picture: JPEG, PNG, WebP or GIF, at most 10 MiB",
        description="Stored upright, without metadata, scaled down to at most 200x200. At most "
        "50 megapixels for JPEG, 16 for the others.",
        request={"multipart/form-data": AvatarUploadSerializer},
        responses=FullUserSerializer,
    ),
    delete=extend_schema(
        tags=["Accounts"],
        operation_id="avatar_delete",
        summary="Remove one's picture, if there is one",
        responses={204: None},
    ),
)
