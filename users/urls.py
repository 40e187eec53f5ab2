"""URLs of accounts and tokens."""

from django.urls import path

from users.views import auth, last_played, passwords, sessions, users

urlpatterns = [
    path("users", users.UserViewSet.as_view({"get": "list", "post": "create"}), name="users"),
    path(
        "users/me",
        users.UserViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
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
