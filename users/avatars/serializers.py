"""Requests of the avatar endpoints."""

from typing import Any

from rest_framework import serializers

from users.profiles.fields import AvatarField


class AvatarUploadSerializer(serializers.Serializer[Any]):
    avatar = AvatarField()
