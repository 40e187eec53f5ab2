"""URLs of organizations."""

from django.urls import path

from organizations.views import MemberViewSet, OrganizationViewSet

urlpatterns = [
    path(
        "organizations",
        OrganizationViewSet.as_view({"get": "list", "post": "create"}),
        name="organizations",
    ),
    path(
        "organizations/<int:pk>",
        OrganizationViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="organization",
    ),
    path(
        "organizations/<int:pk>/members",
        MemberViewSet.as_view({"get": "list"}),
        name="members",
    ),
]
