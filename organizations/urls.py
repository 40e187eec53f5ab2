"""URLs of organizations."""

from django.urls import path

from organizations.views import InvitationViewSet, JoinView, MemberViewSet, OrganizationViewSet

urlpatterns = [
    path(
        "organizations",
        OrganizationViewSet.as_view({"get": "list", "post": "create"}),
        name="organizations",
    ),
    path("organizations/join", JoinView.as_view(), name="organizations-join"),
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
    path(
        "organizations/<int:pk>/members/<int:user_id>",
        MemberViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="member",
    ),
    path(
        "organizations/<int:pk>/invitations",
        InvitationViewSet.as_view({"get": "list", "post": "create"}),
        name="invitations",
    ),
    path(
        "organizations/<int:pk>/invitations/<int:invitation_id>",
        InvitationViewSet.as_view({"delete": "destroy"}),
        name="invitation",
    ),
]
