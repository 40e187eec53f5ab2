"""Bases of the admin's pages."""

from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.text import search_words

# Of what is searched for. SQLite fails on patterns of 50,000 bytes, such as a page that was pasted.
_SEARCH_LENGTH = 1_000
# So many rows are counted and can be paged through; beyond, a search or a filter narrows them.
COUNTED_ROWS = 5_000


class BoundedPaginator(Paginator[Any]):
    """Counts no further than COUNTED_ROWS: a full count reads a million rows for one number."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        try:
            return rows.order_by()[:COUNTED_ROWS].count()
        except (ValueError, OverflowError) as error:
            # Of a filter in the address, such as the year 0: Django looks at some of them no sooner
            # than it writes the SQL. The admin then shows the list without filters.
            raise IncorrectLookupParameters(error) from error


class BoundedCountMixin:
    """For the list of a table that grows: nothing counts all of its rows. "Show counts", beside the
    filters, took more than 30 seconds with a million repositories on PostgreSQL."""

    paginator: ClassVar[type] = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER


class FoldedSearchMixin:
    """For a ModelAdmin with columns for searching (core.text) among its `search_fields`: they are
    searched as the API does, the others for what was typed."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        search_term = search_term[:_SEARCH_LENGTH]
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


def is_key_of(model: type[Model], text: str) -> bool:
    """Whether `text` can be the primary key of a row: databases and Django fail on others."""
    try:
        model._meta.pk.clean(text, None)
    except ValidationError:
        return False
    return "\0" not in text


class _AutocompleteSelect(AutocompleteSelect):
    """Django's fails on a key that is none while it draws the form that says so."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        model = self.field.remote_field.model
        keys = [key for key in value if key == "" or is_key_of(model, str(key))]
        return super().optgroups(name, keys, attr)


class AutocompleteMixin:
    """For a ModelAdmin with `autocomplete_fields`."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        this: Any = self
        if db_field.name in this.get_autocomplete_fields(request):
            kwargs.setdefault("widget", _AutocompleteSelect(db_field, this.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # ModelAdmin's


class LockingMixin:
    """For a ModelAdmin whose rows others change too: whoever saves the form has the row as it is,
    locked, so that nobody's edit is put back and nothing that was deleted is stored again."""

    def get_object(self, request: HttpRequest, *which: Any) -> Any:
        found: Model | None = super().get_object(request, *which)  # type: ignore[misc]  # ModelAdmin's
        if found is None or request.method != "POST" or not connection.in_atomic_block:
            return found
        self.lock(found)
        # As it is now; None once it is deleted, which the admin tells.
        return super().get_object(request, *which)  # type: ignore[misc]  # likewise

    def lock(self, found: Any) -> None:
        rows = type(found)._default_manager.select_for_update().filter(pk=found.pk)
        rows.values_list("pk").first()


class ReadOnlyAdmin(BoundedCountMixin, FoldedSearchMixin, admin.ModelAdmin[Any]):
    """Rows that only the program writes."""

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
