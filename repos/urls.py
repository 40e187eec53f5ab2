"""URLs of repository traffic."""

from django.urls import include, path

from repos.views import files, tokens
from repos.views.repositories import RepositoryViewSet

urlpatterns = [
    path("api/users/create", tokens.EmailSignUpView.as_view(), name="api-users-create"),
    path("api/users/token", tokens.ApiTokenView.as_view(), name="api-users-token"),
    path("api/users/share", tokens.ShareView.as_view(), name="api-users-share"),
    path("api/users/unshare", tokens.UnshareView.as_view(), name="api-users-unshare"),
    path("api/users/github", tokens.GitHubCredentialView.as_view(), name="api-users-github"),
    path("api/repos", RepositoryViewSet.as_view({"get": "list"}), name="api-repos"),
    path(
        "api/repos/create", RepositoryViewSet.as_view({"post": "create"}), name="api-repos-create"
    ),
    path(
        "api/repos/<str:repository_id>",
        RepositoryViewSet.as_view({"get": "retrieve"}),
        name="api-repo",
    ),
    path(
        "api/repos/<str:repository_id>/delete",
        RepositoryViewSet.as_view({"post": "unfollow"}),
        name="api-repo-delete",
    ),
    path(
        "api/repos/<str:repository_id>/traffic.csv",
        files.TrafficCsvView.as_view(),
        name="api-repo-csv",
    ),
    path(
        "api/repos/<str:repository_id>/import", files.ImportView.as_view(), name="api-repo-import"
    ),
    path("", include("repos.pages.urls")),
]
