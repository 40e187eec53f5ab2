"""The two pages. Everything else under `/users/` is the JSON API."""

from django.urls import path

from repos.pages import views

urlpatterns = [
    path("users/<str:token>/repos", views.OverviewPage.as_view(), name="repositories-page"),
    path(
        "users/<str:token>/repos/<str:repository_id>",
        views.RepositoryPage.as_view(),
        name="repository-page",
    ),
]
