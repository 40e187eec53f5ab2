"""Search in the admin as the API searches: whatever the case and the Unicode form."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from core.text import casefold_nfkc


class CasefoldedSearchMixin:
    """For a ModelAdmin whose `search_fields` are folded columns (core.text)."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        results: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]  # ModelAdmin's
            request, queryset, casefold_nfkc(search_term)
        )
        return results
