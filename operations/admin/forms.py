"""The form to log in to the admin."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate

from core.exceptions import Forbidden, NotAuthenticated
from users.models import User


class LogInForm(AdminAuthenticationForm):
    """Asks everybody for the second factor, so that the page does not tell who has one."""

    otp = forms.CharField(
        label="Code",
        required=False,
        max_length=100,
        help_text="Of your authenticator app, or a recovery code; empty without a second factor.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An email address is longer than a username may be.
        email: Any = User._meta.get_field("email")
        self.fields["username"].widget.attrs["maxlength"] = email.max_length

    def clean(self) -> dict[str, Any]:
        credentials = {
            name: self.cleaned_data.get(name) for name in ("username", "password", "otp")
        }
        if credentials["username"] and credentials["password"]:
            try:
                self.user_cache = authenticate(self.request, **credentials)
            except (NotAuthenticated, Forbidden) as error:
                raise forms.ValidationError(error.message, code=error.code) from error
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        try:
            user.require_staff_rights()
        except Forbidden as error:
            raise forms.ValidationError(error.message, code=error.code) from error
