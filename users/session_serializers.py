"""What goes in and out of the calls on sessions and forgotten passwords."""

from typing import Any

from django.core.validators import EmailValidator
from rest_framework import serializers

from config.fields import PasswordField, TextField
from users.models import Session


class SessionSerializer(serializers.ModelSerializer[Session]):
    current = serializers.SerializerMethodField(help_text="Whether this call came with its token.")

    class Meta:
        model = Session
        fields = (
            "id",
            "created_at",
            "last_used_at",
            "expires_at",
            "ip_address",
            "user_agent",
            "current",
        )
        read_only_fields = fields

    def get_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["request"].auth.pk)


class ResetRequestSerializer(serializers.Serializer[Any]):
    email = TextField(max_length=254, validators=[EmailValidator()])


class ResetSerializer(ResetRequestSerializer):
    code = TextField(max_length=100)
    password = PasswordField()
