"""URLs of accounts and tokens."""

from django.urls import path, register_converter

from users.avatars import views as pictures
from users.avatars.converters import AvatarNameConverter
from users.export import views as export
from users.flat import views as flat
from users.passwords import views as passwords
from users.profiles import statistics_view as stats
from users.profiles import views as users
from users.second_factor import views as second_factor
from users.sessions import views as sessions
from users.sessions.converters import SessionIdConverter
from users.signup import views as signup
from users.verification import views as verification

register_converter(AvatarNameConverter, "avatar_name")
register_converter(SessionIdConverter, "session_id")

urlpatterns = [
    path("users", users.UserViewSet.as_view({"get": "list", "post": "create"}), name="users"),
    path(
        "users/me",
        users.UserViewSet.as_view({"get": "me", "patch": "partial_update", "delete": "destroy"}),
        name="me",
    ),
    path(
        "users/<int:pk>",
        users.UserViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="user",
    ),
    path("users/stats", stats.StatisticsView.as_view(), name="stats"),
    path("users/me/export", export.ExportView.as_view(), name="export"),
    path("users/me/password", passwords.PasswordView.as_view(), name="password"),
    path("users/me/avatar", pictures.AvatarView.as_view(), name="my-avatar"),
    path("avatars/<avatar_name:name>", pictures.AvatarFileView.as_view(), name="avatar"),
    path("auth/signup", signup.EmailSignUpView.as_view(), name="signup"),
    path("", flat.HomeView.as_view(), name="home"),
    path("user", flat.FlatSignUpView.as_view(), name="flat-signup"),
    path("user/<str:username>", flat.FlatUserView.as_view(), name="flat-user"),
    path("auth", sessions.DaySessionView.as_view(), name="auth"),
    path("auth/code", sessions.LogInCodeView.as_view(), name="log-in-code"),
    path("auth/totp", second_factor.SecondFactorView.as_view(), name="totp"),
    path(
        "auth/totp/confirm",
        second_factor.SecondFactorConfirmView.as_view(),
        name="totp-confirm",
    ),
    path("auth/token", sessions.TokenPairView.as_view(), name="token"),
    path("auth/token/refresh", sessions.TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify", sessions.TokenVerifyView.as_view(), name="token-verify"),
    path("auth/sessions", sessions.SessionsView.as_view(), name="sessions"),
    path("auth/sessions/<session_id:pk>", sessions.SessionView.as_view(), name="session"),
    path("auth/email/verify", verification.VerificationRequestView.as_view(), name="email-verify"),
    path(
        "auth/email/verify/confirm",
        verification.VerificationConfirmView.as_view(),
        name="email-verify-confirm",
    ),
    path("auth/email/change", verification.EmailChangeRequestView.as_view(), name="email-change"),
    path(
        "auth/email/change/confirm",
        verification.EmailChangeConfirmView.as_view(),
        name="email-change-confirm",
    ),
    path("auth/password/reset", passwords.ResetRequestView.as_view(), name="password-reset"),
    path(
        "auth/password/reset/confirm",
        passwords.ResetConfirmView.as_view(),
        name="password-reset-confirm",
    ),
]
