"""URLs of accounts and tokens."""

from django.urls import path, register_converter

from users.converters import AvatarNameConverter
from users.views import (
    auth,
    flat,
    last_played,
    me,
    passwords,
    pictures,
    sessions,
    signup,
    stats,
    users,
)

register_converter(AvatarNameConverter, "avatar_name")

urlpatterns = [
    path("users", users.UserViewSet.as_view({"get": "list", "post": "create"}), name="users"),
    path(
        "users/me",
        users.UserViewSet.as_view({"get": "me", "patch": "partial_update", "delete": "destroy"}),
        name="me",
    ),
    path(
        "users/lastplayed",
        last_played.LastPlayedViewSet.as_view({"get": "list"}),
        name="last-played",
    ),
    path(
        "users/<int:pk>",
        users.UserViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="user",
    ),
    path("users/stats", stats.StatisticsView.as_view(), name="stats"),
    path("users/me/password", me.PasswordView.as_view(), name="password"),
    path("users/me/avatar", me.AvatarView.as_view(), name="my-avatar"),
    path("avatars/<avatar_name:name>", pictures.PictureView.as_view(), name="avatar"),
    path("auth/signup", signup.EmailSignUpView.as_view(), name="signup"),
    path("", flat.HomeView.as_view(), name="home"),
    path("user", flat.FlatSignUpView.as_view(), name="flat-signup"),
    path("user/<str:username>", flat.FlatUserView.as_view(), name="flat-user"),
    path("auth", auth.DaySessionView.as_view(), name="auth"),
    path("auth/token", auth.TokenPairView.as_view(), name="token"),
    path("auth/token/refresh", auth.TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify", auth.TokenVerifyView.as_view(), name="token-verify"),
    path("auth/sessions", sessions.SessionsView.as_view(), name="sessions"),
    path("auth/sessions/<uuid:pk>", sessions.SessionView.as_view(), name="session"),
    path("auth/password/reset", passwords.ResetRequestView.as_view(), name="password-reset"),
    path(
        "auth/password/reset/confirm",
        passwords.ResetConfirmView.as_view(),
        name="password-reset-confirm",
    ),
]
