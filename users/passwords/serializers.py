"""Requests of the password endpoints."""

from typing import Any

from rest_framework import serializers

from api.fields import PasswordField, TextField
from users.profiles.fields import EmailAddressField


class PasswordChangeSerializer(serializers.Serializer[Any]):
    old_password = PasswordField(max_length=1000)
    new_password = PasswordField()


class ResetRequestSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()


class ResetSerializer(ResetRequestSerializer):
    code = TextField(max_length=100)
    password = PasswordField()
