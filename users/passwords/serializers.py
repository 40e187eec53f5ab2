"""Requests of the password endpoints."""

from typing import Any

from rest_framework import serializers

from api.fields import PasswordField
from users.codes.fields import MailedCodeField
from users.profiles.fields import EmailAddressField


class PasswordChangeSerializer(serializers.Serializer[Any]):
    old_password = PasswordField(max_length=1000)
    new_password = PasswordField()


class ResetRequestSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()


class ResetSerializer(ResetRequestSerializer):
    code = MailedCodeField()
    password = PasswordField()
