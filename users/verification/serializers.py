"""Requests of the verification endpoints."""

from typing import Any

from rest_framework import serializers

from users.codes.fields import MailedCodeField
from users.profiles.fields import EmailAddressField


class VerificationSerializer(serializers.Serializer[Any]):
    code = MailedCodeField()


class EmailChangeRequestSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()


class EmailChangeSerializer(EmailChangeRequestSerializer):
    code = MailedCodeField()
