"""Bases of the admin's pages."""

from functools import cached_property
from typing import Any, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from core.text import search_words

# So many rows are counted and can be paged through; beyond, a search or a filter narrows them.
COUNTED_ROWS = 5_000


class BoundedPaginator(Paginator[Any]):
    """Counts no further than COUNTED_ROWS: a full count reads a million rows for one number."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[:COUNTED_ROWS].count()


class FoldedSearchMixin:
    """For a ModelAdmin with columns for searching (core.text) among its `search_fields`: they are
    searched as the API does, the others for what was typed."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        typed = self._found(request, queryset, search_term)
        words = " ".join(search_words(search_term))
        if words in ("", search_term):
            return typed
        folded = self._found(request, queryset, words)
        return typed[0] | folded[0], typed[1] or folded[1]

    def _found(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        results: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]  # ModelAdmin's
            request, queryset, search_term
        )
        return results


class ReadOnlyAdmin(FoldedSearchMixin, admin.ModelAdmin[Any]):
    """Rows that only the program writes."""

    paginator = BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DeleteOnlyAdmin(ReadOnlyAdmin):
    """Rows that staff may delete but not write, such as sessions and tokens."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
