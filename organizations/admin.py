"""Organizations in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from core.admin import FoldedSearchMixin
from organizations.models import Organization
from organizations.selectors import organizations_with_member_count


@admin.register(Organization)
class OrganizationAdmin(FoldedSearchMixin, admin.ModelAdmin[Organization]):
    list_display = ("id", "name", "description", "creator", "member_link", "created_at")
    list_display_links = ("id", "name")
    list_select_related = ("creator",)
    list_filter = ("created_at", ("creator", admin.EmptyFieldListFilter))
    search_fields = ("name_key",)
    search_help_text = "Part of the name."
    ordering = ("-id",)
    show_full_result_count = False
    autocomplete_fields = ("creator",)
    readonly_fields = ("member_link", "created_at")
    fields = ("name", "description", "creator", "member_link", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return organizations_with_member_count()

    @admin.display(description="Members")
    def member_link(self, organization: Any) -> str:
        if organization.pk is None:
            return "0"
        url = f"{reverse('admin:users_user_changelist')}?organizations__id__exact={organization.pk}"
        return format_html('<a href="{}">{}</a>', url, organization.member_count)
