"""Where an account was logged in to before; see users.limits."""

from django.db import models

from users.models.user import User


class KnownAddress(models.Model):
    """Its owner logs in from here even while strangers use up the account's attempts."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_addresses")
    address_hash = models.CharField(max_length=64)
    last_used_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "known addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "address_hash"], name="users_one_row_per_known_address"
            ),
        ]

    def __str__(self) -> str:
        return f"an address of {self.user_id}"
