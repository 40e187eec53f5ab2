"""Accounts in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from users.models import User

_PROFILE: Any = {"fields": ("first_name", "last_name", "gender", "birthdate", "phone", "data")}
_RIGHTS: Any = {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    list_display = ("id", "username", "email", "first_name", "last_name", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", "gender")
    search_fields = ("search_text",)
    ordering = ("-id",)
    show_full_result_count = False
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        ("Profile", _PROFILE),
        ("Rights", _RIGHTS),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),
    )
