"""The chart page in the admin: opened by a log-in, not by anybody's token."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from repos.models import TrackedRepository
from repos.pages.error_pages import error_page
from repos.pages.views import RepositoryPage


class StaffRepositoryPage(RepositoryPage):
    """Whoever calls it has asked for the right to see repositories."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        repository = TrackedRepository.objects.filter(pk=kwargs["pk"]).first()
        if repository is None:
            return error_page(request, 404, nonce=self.nonce)
        back = reverse("admin:repos_trackedrepository_change", args=[repository.pk])
        return self.show([repository], back=back)
