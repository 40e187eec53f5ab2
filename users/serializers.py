"""What goes in and out of the calls on accounts; each serializer works in one direction."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import EmailValidator
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from config.errors import Invalid
from config.fields import PasswordField, StrictDateField, TextField
from organizations.models import Organization
from users.ages import require_adult_birthdate
from users.models import Gender, User
from users.models.user import validate_username
from users.services.registration import require_good_password
from users.services.sessions import TokenPair


class BriefOrganizationSerializer(serializers.ModelSerializer[Organization]):
    class Meta:
        model = Organization
        fields = ("id", "name", "description")
        read_only_fields = fields


class PublicUserSerializer(serializers.ModelSerializer[User]):
    """What other authenticated users see."""

    avatar = serializers.SerializerMethodField()
    organizations = BriefOrganizationSerializer(many=True, read_only=True)

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id",
            "username",
            "first_name",
            "last_name",
            "avatar",
            "organizations",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_avatar(self, user: User) -> str | None:
        return None


class FullUserSerializer(PublicUserSerializer):
    """What oneself and staff see."""

    data = serializers.DictField(read_only=True)  # type: ignore[assignment]  # a field, not Serializer.data

    class Meta(PublicUserSerializer.Meta):
        fields: tuple[str, ...] = (
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "gender",
            "birthdate",
            "phone",
            "avatar",
            "organizations",
            "data",
            "is_staff",
            "date_joined",
        )
        read_only_fields = fields


class ProfileFieldsSerializer(serializers.Serializer[Any]):
    """The fields that sign-up and editing share. What no field knows is ignored."""

    first_name = TextField(max_length=150, allow_blank=True, required=False)
    last_name = TextField(max_length=150, allow_blank=True, required=False)
    gender = serializers.ChoiceField(choices=Gender.choices, required=False)
    birthdate = StrictDateField(required=False, allow_null=True)
    data = serializers.DictField(required=False)  # type: ignore[assignment]  # a field, not Serializer.data

    def validate_birthdate(self, value: Any) -> Any:
        # Here as well as in the service, so that all offending members are named at once.
        if value is not None:
            try:
                require_adult_birthdate(value, today=timezone.now().date())
            except Invalid as error:
                raise ValidationError(error.sentence, code=error.error_code) from error
        return value


class SignUpSerializer(ProfileFieldsSerializer):
    email = TextField(max_length=254, validators=[EmailValidator()], trim_whitespace=False)
    username = TextField(max_length=150, validators=[validate_username], trim_whitespace=False)
    password = PasswordField()
    birthdate = StrictDateField()

    def validate_email(self, value: str) -> str:
        if User.objects.with_email(value).exists():
            raise ValidationError(User._meta.get_field("email").error_messages["unique"], "unique")
        return value

    def validate_username(self, value: str) -> str:
        if User.objects.with_username(value).exists():
            raise ValidationError("This username is taken.", "username_taken")
        return value

    def validate_password(self, value: str) -> str:
        names = ("username", "email", "first_name", "last_name")
        user = User(**{name: str(self.initial_data.get(name) or "") for name in names})
        try:
            require_good_password(value, user)
        except DjangoValidationError as error:
            details = [
                ErrorDetail(item.messages[0], item.code or "invalid")
                for item in error.error_dict["password"]
            ]
            raise ValidationError(details) from error
        return value


class ProfileUpdateSerializer(ProfileFieldsSerializer):
    email = TextField(
        max_length=254,
        validators=[EmailValidator()],
        required=False,
        allow_null=True,
        trim_whitespace=False,
    )
    username = TextField(
        max_length=150,
        validators=[validate_username],
        required=False,
        allow_null=True,
        trim_whitespace=False,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "password" in self.initial_data:
            sentence = "Change the password with PUT /users/me/password."
            raise ValidationError({"password": sentence}, code="wrong_call")
        return attrs


class CredentialsSerializer(serializers.Serializer[Any]):
    """Who logs in: `username` (which may hold an email address) or `email`."""

    username = TextField(required=False, max_length=254, trim_whitespace=False)
    email = TextField(required=False, max_length=254, trim_whitespace=False)
    password = PasswordField(max_length=1000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("username") and not attrs.get("email"):
            raise ValidationError({"username": "Give a username or an email address."})
        return attrs


class TokenPairSerializer(serializers.Serializer[TokenPair]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SessionTokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = TextField(max_length=4096)


class TokenSerializer(serializers.Serializer[Any]):
    token = TextField(max_length=4096)


class SignedUpUserSerializer(FullUserSerializer):
    """The new account with its first tokens."""

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    class Meta(FullUserSerializer.Meta):
        fields = (*FullUserSerializer.Meta.fields, "access", "refresh")
        read_only_fields = fields


class UserFilterSerializer(serializers.Serializer[Any]):
    search = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    organization = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    gender = serializers.ChoiceField(choices=Gender.choices, required=False)
