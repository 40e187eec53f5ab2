"""Reading second factors."""

from typing import Any

from users.models import SecondFactor, User


def second_factor_status(user: User) -> dict[str, Any]:
    """`active`, `confirmed_at` and `recovery_codes_left`."""
    factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    return {
        "active": factor is not None,
        "confirmed_at": factor.confirmed_at if factor else None,
        "recovery_codes_left": factor.recovery_codes.count() if factor else 0,
    }
