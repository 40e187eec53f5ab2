"""Who may call. A view without `permission_classes` wants somebody who is logged in."""

from typing import TYPE_CHECKING

from rest_framework import permissions
from rest_framework.request import Request

if TYPE_CHECKING:
    # DRF imports this module while it imports its own views.
    from rest_framework.views import APIView


class IsAuthenticated(permissions.IsAuthenticated):
    """Somebody logged in. OPTIONS tells nobody anything but the methods, so it is open to all."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.method == "OPTIONS" or request.user.is_authenticated


class IsStaff(permissions.IsAdminUser):
    message = "Only staff may do this."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.method == "OPTIONS":
            return True
        if not super().has_permission(request, view):
            return False
        # Raises where the installation wants more of staff than the flag.
        request.user.require_staff_rights()  # type: ignore[union-attr]  # IsAdminUser let no other in
        return True
