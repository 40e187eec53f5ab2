"""URLs of repository traffic."""

from django.urls import include, path

from repos.views import badges, files, notes, popularity, tokens, totals
from repos.views.owners import OwnerViewSet
from repos.views.repositories import RepositoryViewSet

urlpatterns = [
    path("api/users/create", tokens.EmailSignUpView.as_view(), name="api-users-create"),
    path("api/users/token", tokens.ApiTokenView.as_view(), name="api-users-token"),
    path("api/users/share", tokens.ShareView.as_view(), name="api-users-share"),
    path("api/users/unshare", tokens.UnshareView.as_view(), name="api-users-unshare"),
    path("api/users/github", tokens.GitHubCredentialView.as_view(), name="api-users-github"),
    path("api/users/alerts", tokens.AlertsView.as_view(), name="api-users-alerts"),
    path("api/owners", OwnerViewSet.as_view({"get": "list"}), name="api-owners"),
    path("api/owners/create", OwnerViewSet.as_view({"post": "create"}), name="api-owners-create"),
    path(
        "api/owners/<str:owner_id>/delete",
        OwnerViewSet.as_view({"post": "unfollow"}),
        name="api-owner-delete",
    ),
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
    path(
        "api/repos/<str:repository_id>/referrers",
        popularity.ReferrersView.as_view(),
        name="api-repo-referrers",
    ),
    path(
        "api/repos/<str:repository_id>/paths", popularity.PathsView.as_view(), name="api-repo-paths"
    ),
    path("api/repos/<str:repository_id>/notes", notes.NotesView.as_view(), name="api-repo-notes"),
    path(
        "api/repos/<str:repository_id>/notes/<int:note_id>/delete",
        notes.NoteDeleteView.as_view(),
        name="api-repo-note-delete",
    ),
    path(
        "api/repos/<str:repository_id>/badge",
        badges.BadgeTokenView.as_view(),
        name="api-repo-badge",
    ),
    path(
        "api/repos/<str:repository_id>/unbadge",
        badges.UnbadgeView.as_view(),
        name="api-repo-unbadge",
    ),
    path("api/traffic", totals.TotalTrafficView.as_view(), name="api-traffic"),
    path("api/traffic.zip", totals.TrafficZipView.as_view(), name="api-traffic-zip"),
    path("badges/<str:token>/<str:name>", badges.BadgeView.as_view(), name="badge"),
    path("", include("repos.pages.urls")),
]
