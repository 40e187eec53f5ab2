"""The admin site."""

import functools
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.views import PasswordChangeView
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.admin.base import is_key_of
from core.admin.csv_export import export_csv
from core.csp import ADMIN_POLICY
from core.exceptions import TooManyRequests
from operations.admin.dashboard import dashboard_stats
from operations.admin.forms import LogInForm
from users.models import User
from users.passwords.forms import ChangeOwnPasswordForm

Answer = TypeVar("Answer", bound=HttpResponseBase)


def _guarded(response: Answer) -> Answer:
    response.setdefault("Content-Security-Policy", ADMIN_POLICY)
    # Not no-referrer, as elsewhere: a browser would send the forms with `Origin: null`, and
    # Django takes those for forged ones.
    response.setdefault("Referrer-Policy", "same-origin")
    return response


def _drop_impossible_selection(request: HttpRequest, model: type[Model]) -> None:
    """Actions fail on rows that are chosen by what is no key, some while the response is sent."""
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    possible = [key for key in chosen if is_key_of(model, key)]
    if possible != chosen:
        form = request.POST.copy()
        form.setlist(ACTION_CHECKBOX_NAME, possible)
        request.POST = cast(Any, form)


class FoyerAdminSite(AdminSite):
    site_header = site_title = "Foyer"
    index_title = "Administration"
    site_url = "/docs"
    login_form = LogInForm

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.add_action(export_csv, "export_csv")

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return super().has_permission(request) and isinstance(user, User) and user.has_staff_rights

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        checked = super().admin_view(view, cacheable)
        model = getattr(getattr(view, "__self__", None), "model", None)

        @functools.wraps(checked)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if model is not None:
                _drop_impossible_selection(request, model)
            response: HttpResponseBase = checked(request, *args, **kwargs)
            return _guarded(response)

        return answer

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        # For whoever may see users; the lists themselves ask for each right.
        may_see = request.user.has_perm("users.view_user")
        state = dashboard_stats(now=timezone.now()) if may_see else None
        return super().index(request, {**(extra_context or {}), "state": state})

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Django's, with a form of ours, which a site can name from Django 6.0 on."""
        view = PasswordChangeView.as_view(
            form_class=ChangeOwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return cast(TemplateResponse, view(request))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Limited as the log-ins of the API are, by the same counters."""
        try:
            response = super().login(request, extra_context)
        except TooManyRequests as refusal:
            return HttpResponse(
                refusal.message,
                status=429,
                content_type="text/plain; charset=utf-8",
                headers={"Retry-After": str(refusal.retry_after_seconds)},
            )
        return _guarded(response)
