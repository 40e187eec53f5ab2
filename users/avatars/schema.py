"""The endpoints of pictures in the API description."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from api.description.schema import get_operation
from users.avatars.serializers import AvatarUploadSerializer
from users.profiles.serializers import FullUserSerializer

avatar = extend_schema_view(
    put=extend_schema(
        tags=["Accounts"],
        operation_id="avatar_upload",
        summary="Set your picture: JPEG, PNG, WebP or GIF, at most 10 MiB",
        description="Stored upright, without metadata, scaled down to at most 200x200. At most "
        "50.4 megapixels for JPEG, 16.8 for the others. A JPEG or GIF whose last bytes are missing "
        "is completed. A rejection names the file's format, size and limit.",
        request={"multipart/form-data": AvatarUploadSerializer},
        responses=FullUserSerializer,
    ),
    delete=extend_schema(
        tags=["Accounts"],
        operation_id="avatar_delete",
        summary="Remove your picture, if there is one",
        responses={204: None},
    ),
)
AVATAR_FILE = get_operation(
    "avatars_retrieve",
    tag="Accounts",
    summary="Get a picture",
    description="The URL in `avatar` of a user. Its content never changes: cache it.",
    media_type="image/*",
    success="The picture.",
    path_parameters={"name": "As in the URL in `avatar` of a user."},
    has_entity_tag=True,
    errors={404: "There is no picture of this name.", 503: "Try again later."},
)
