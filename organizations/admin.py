"""Organizations in the admin."""

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from core.admin.base import (
    AutocompleteMixin,
    BoundedCountMixin,
    DeleteOnlyAdmin,
    FoldedSearchMixin,
    LockingMixin,
)
from core.text import unreadable_name
from organizations.models import Invitation, Membership, Organization
from organizations.services import UnknownOrganization, remove_organization


class OrganizationForm(forms.ModelForm[Organization]):
    def clean_name(self) -> str:
        """Checks a name as the API does."""
        name: str = self.cleaned_data["name"]
        if problem := unreadable_name(name):
            raise forms.ValidationError(problem)
        return name


@admin.register(Organization)
class OrganizationAdmin(
    AutocompleteMixin,
    LockingMixin,
    BoundedCountMixin,
    FoldedSearchMixin,
    admin.ModelAdmin[Organization],
):
    form = OrganizationForm
    list_display = ("id", "name", "description", "join", "creator", "member_link", "created_at")
    list_display_links = ("id", "name")
    list_select_related = ("creator",)
    list_filter = ("join", "created_at", ("creator", admin.EmptyFieldListFilter))
    search_fields = ("name_key",)
    search_help_text = "Part of the name."
    ordering = ("-id",)
    autocomplete_fields = ("creator",)
    readonly_fields = ("member_link", "created_at")
    fields = ("name", "description", "join", "creator", "member_link", "created_at")

    @admin.display(description="Members", ordering="member_count")
    def member_link(self, organization: Any) -> str:
        if organization.pk is None:
            return "0"
        path = reverse("admin:organizations_membership_changelist")
        return format_html(
            '<a href="{}?organization__id__exact={}">{}</a>',
            path,
            organization.pk,
            organization.member_count,
        )

    def delete_model(self, request: HttpRequest, obj: Organization) -> None:
        remove_organization(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        for organization in queryset:
            with suppress(UnknownOrganization):  # deleted since it was listed
                remove_organization(organization)


@admin.register(Membership)
class MembershipAdmin(
    AutocompleteMixin,
    LockingMixin,
    BoundedCountMixin,
    FoldedSearchMixin,
    admin.ModelAdmin[Membership],
):
    list_display = ("id", "organization", "user", "role")
    list_select_related = ("organization", "user")
    list_filter = ("role",)
    search_fields = ("organization__name_key", "user__search_text")
    search_help_text = "Part of the organization's name, or of a user's name or email address."
    ordering = ("-id",)
    autocomplete_fields = ("organization", "user")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # The links from an organization and from a user.
        linked = ("organization__id__exact", "user__id__exact")
        return lookup in linked or super().lookup_allowed(lookup, value, request)

    def lock(self, found: Membership) -> None:
        # So that of two owners who are made members at once one stays an owner.
        Membership.objects.locked(user_id=found.user_id, organization_id=found.organization_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("organization", "user") if obj else ()


@admin.register(Invitation)
class InvitationAdmin(DeleteOnlyAdmin):
    """Deleting one revokes it."""

    list_display = ("organization", "email", "invited_by", "created_at", "expires_at")
    list_select_related = ("organization", "invited_by")
    search_fields = ("organization__name_key", "email")
    fields = list_display
    ordering = ("-expires_at", "-id")
