"""Accounts in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest

from playsessions.models import PlaySession
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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Plays are told as a number. One by one they could fill thousands of lines, and they
        would ask for a permission that nobody has: alone they cannot be deleted."""
        users = list(objs)
        plays = PlaySession.objects.filter(user__in=users).count()
        counts = {"users": len(users), "play sessions": plays}
        return [str(user) for user in users], counts, set(), []
