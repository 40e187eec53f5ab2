"""Accounts in the admin. What a service guards goes through that service."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from rest_framework.exceptions import ParseError, ValidationError

from api.bodies.parsers import parse_json_object
from core.admin.base import (
    BoundedCountMixin,
    DeleteOnlyAdmin,
    FoldedSearchMixin,
    LockingMixin,
    ReadOnlyAdmin,
)
from core.db.fields import JSONTextField
from core.exceptions import ValidationFailed
from core.tasks.enqueueing import enqueue_on_commit
from core.text import clean_identifier
from users.avatars.services import replace_avatar
from users.locking import AccountDeleted
from users.models import (
    KnownIP,
    MailedCode,
    RateLimit,
    SecondFactor,
    Session,
    SessionEpoch,
    SignUpResult,
    User,
)
from users.passwords.forms import SetPasswordForm
from users.profiles.ages import validate_birthdate
from users.profiles.phones import MAX_PHONE_INPUT_LENGTH
from users.profiles.profile_fields import PROFILE_FIELDS
from users.profiles.services import delete_user
from users.second_factor.services import reset_second_factor
from users.sessions.services import revoke_sessions
from users.tasks import send_email_changed

_PROFILE: Any = {
    "fields": (
        *PROFILE_FIELDS,
        *("picture", "organization_names", "data"),
    )
}
_LOG_IN = ("username", "email", "email_verified", "password", "second_factor_since")
_GRANTED = ("is_staff", "is_superuser", "groups", "user_permissions")
_RIGHTS: Any = {"fields": ("is_active", *_GRANTED)}


class _NameField(forms.CharField):
    """A username or an email address; the model checks it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, empty_value=None, **kwargs)

    def to_python(self, value: str | None) -> str | None:
        text = super().to_python(value)
        return clean_identifier(text) if text else text


class _DataField(forms.JSONField):
    """The JSON of an account, read as the API reads it: Django's field fails on what is nested
    deeply or has lone surrogates, and lets NaN and properties that occur twice through."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or not isinstance(value, str):
            return super().to_python(value)
        try:
            return parse_json_object(value)
        except ParseError as error:
            raise forms.ValidationError(str(error.detail), code="invalid") from error
        except ValidationError as error:
            by_name: Any = error.detail
            raise forms.ValidationError(
                [f"{name}: {text}" for name, texts in by_name.items() for text in texts]
            ) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """As it was typed, without reading it again."""
        return data if data is None or self.disabled else InvalidJSONInput(data)


class _AddUserForm(AdminUserCreationForm[User]):
    username = _NameField(max_length=150)
    email = _NameField(max_length=254)


class _UserForm(UserChangeForm[User]):
    username = _NameField(max_length=150)
    email = _NameField(max_length=254)
    # Longer than what is stored: it is written with spaces and brackets.
    phone = forms.CharField(required=False, empty_value=None, max_length=MAX_PHONE_INPUT_LENGTH)

    def clean_birthdate(self) -> date | None:
        birthdate: date | None = self.cleaned_data["birthdate"]
        if birthdate is not None:
            try:
                validate_birthdate(birthdate, today=timezone.now().date())
            except ValidationFailed as error:
                raise forms.ValidationError(error.message, code=error.code) from error
        return birthdate


@admin.register(User)
class UserAdmin(LockingMixin, BoundedCountMixin, FoldedSearchMixin, DjangoUserAdmin[User]):
    formfield_overrides: ClassVar[dict[Any, Any]] = {JSONTextField: {"form_class": _DataField}}
    form = _UserForm
    add_form = _AddUserForm
    change_password_form = SetPasswordForm
    list_display = (
        "id",
        "thumbnail",
        "username",
        "email",
        "first_name",
        "last_name",
        "is_staff",
        "is_active",
    )
    list_display_links = ("id", "username", "email")
    list_filter = ("is_staff", "is_active", "email_verified", "gender")
    search_fields = ("search_text",)
    search_help_text = "Part of a name or of the email address."
    ordering = ("-id",)
    readonly_fields = (
        "email_verified",
        "second_factor_since",
        "picture",
        "organization_names",
        "last_login",
        "date_joined",
    )
    filter_horizontal = ("user_permissions",)
    actions = ("log_out", "remove_picture", "remove_second_factor")
    fieldsets = (
        (None, {"fields": _LOG_IN}),
        ("Profile", _PROFILE),
        ("Rights", _RIGHTS),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever sets the password or the address of an account gets its rights."""
        return not _is_above(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return not _is_above(request, obj) and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody gives themselves rights: superusers give them."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *_GRANTED)

    @admin.display(description="")
    def thumbnail(self, user: User) -> str:
        return _image(user, height=24)

    @admin.display(description="Picture")
    def picture(self, user: User) -> str:
        return _image(user, height=200) or "none"

    @admin.display(description="Organizations")
    def organization_names(self, user: User) -> str:
        """Edited among the memberships, which have roles."""
        names = user.organizations.values_list("name", flat=True)
        path = reverse("admin:organizations_membership_changelist")
        return format_html(
            '<a href="{}?user__id__exact={}">{}</a>', path, user.pk, ", ".join(names) or "none"
        )

    @admin.action(description="End all sessions of the selected users", permissions=["change"])
    def log_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        users = self._changeable(request, queryset)
        for user in users:
            revoke_sessions(user=user)
        self.message_user(request, f"{len(users)} logged out.", messages.SUCCESS)

    @admin.action(description="Remove the pictures of the selected users", permissions=["change"])
    def remove_picture(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        users = self._changeable(request, queryset)
        for user in users:
            with suppress(AccountDeleted):  # since it was listed
                replace_avatar(user=user, picture=None)
        self.message_user(request, f"{len(users)} without a picture.", messages.SUCCESS)

    @admin.action(
        description="Remove the second factor of the selected users", permissions=["change"]
    )
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For people who lost their authenticator app and recovery codes; they are told by mail.
        Staff remove their own with its code: DELETE /auth/totp."""
        count = 0
        for user in self._changeable(request, queryset):
            if user != request.user and reset_second_factor(user=user, now=timezone.now()):
                self.log_change(request, user, "Removed the second factor.")
                count += 1
        self.message_user(request, f"{count} without a second factor now.", messages.SUCCESS)

    def _changeable(self, request: HttpRequest, users: QuerySet[User]) -> list[User]:
        return [user for user in users if self.has_change_permission(request, user)]

    @admin.display(description="Second factor since")
    def second_factor_since(self, user: User) -> datetime | None:
        second_factor = getattr(user, "second_factor", None)
        return second_factor.confirmed_at if second_factor else None

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        old_email = form.initial.get("email")
        if old_email != obj.email:
            obj.email_verified = False
            if old_email:
                enqueue_on_commit(send_email_changed, old_email, timezone.now())
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002  # Django's name
        # Stores the whole account, so it is locked, which wants a transaction.
        with transaction.atomic():
            return super().user_change_password(request, id, form_url)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_user(user=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            with suppress(AccountDeleted):  # since it was listed
                delete_user(user=user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Plays are shown as a number. One by one they could fill thousands of lines, and they
        would ask for a permission that nobody has: alone they cannot be deleted."""
        users = list(objs)
        plays = User.objects.filter(pk__in=[user.pk for user in users]).aggregate(
            count=Count("play_sessions")
        )["count"]
        counts = {"users": len(users), "play sessions": plays}
        above = any(_is_above(request, user) for user in users)
        missing = {"account with rights that you lack"} if above else set()
        return [str(user) for user in users], counts, missing, []


def _is_above(request: HttpRequest, user: User | None) -> bool:
    """Whether the account has rights that whoever asks lacks."""
    if user is None or request.user.is_superuser or user == request.user:
        return False
    # Without the staff status, which superusers alone give, permissions have no effect.
    return user.is_superuser or (user.is_staff and not request.user.has_perms(_rights(user)))


def _rights(user: User) -> list[str]:
    """Also while the account is inactive, when Django says that it has none."""
    granted = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    names = granted.values_list("content_type__app_label", "codename")
    return [f"{app}.{codename}" for app, codename in names]


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Its members have the rights of a group, so superusers alone give them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)


def _image(user: User, *, height: int) -> str:
    if not user.avatar:
        return ""
    url = reverse("avatar", args=[str(user.avatar).rpartition("/")[2]])
    return format_html('<img src="{}" alt="" height="{}">', url, height)


@admin.register(Session)
class SessionAdmin(DeleteOnlyAdmin):
    """Deleting a session ends it at once."""

    list_display = ("user", "created_at", "last_used_at", "expires_at", "ip_address", "user_agent")
    list_select_related = ("user",)
    list_filter = ("created_at",)
    search_fields = ("user__search_text", "ip_address", "user_agent")
    fields = list_display
    ordering = ("-created_at", "-id")


@admin.register(KnownIP)
class KnownAddressAdmin(DeleteOnlyAdmin):
    list_display = ("user", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__search_text",)
    fields = list_display
    ordering = ("-last_used_at", "-id")


@admin.register(MailedCode)
class MailedCodeAdmin(DeleteOnlyAdmin):
    """Deleting one gives its account new attempts."""

    list_filter = ("purpose",)
    list_display = ("user", "purpose", "expires_at", "attempts", "last_attempt_at")
    list_select_related = ("user",)
    search_fields = ("user__search_text",)
    fields = list_display
    ordering = ("-expires_at", "-pk")


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    """Removed by an action on users, so that the owner is told."""

    list_display = ("user", "created_at", "confirmed_at")
    list_select_related = ("user",)
    list_filter = ("confirmed_at",)
    search_fields = ("user__search_text",)
    fields = list_display
    ordering = ("-pk",)


@admin.register(SignUpResult)
class SignUpResultAdmin(DeleteOnlyAdmin):
    """Deleting one makes its Idempotency-Key a new one."""

    list_display = ("user", "expires_at")
    list_select_related = ("user",)
    search_fields = ("user__search_text",)
    fields = list_display
    ordering = ("-expires_at", "-pk")


@admin.register(RateLimit)
class RateLimitAdmin(DeleteOnlyAdmin):
    """Whom a limit concerns is not kept, so there is nothing to search for."""

    list_display = ("key", "count", "ends_at")
    fields = list_display
    ordering = ("-ends_at_ms", "-key")

    @admin.display(ordering="ends_at_ms")
    def ends_at(self, limit: RateLimit) -> datetime:
        return datetime.fromtimestamp(limit.ends_at_ms / 1000, UTC)


@admin.register(SessionEpoch)
class SessionEpochAdmin(DeleteOnlyAdmin):
    list_display = ("number",)
    fields = list_display
