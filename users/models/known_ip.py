"""IP addresses that an account logged in from before; see users.throttling.limits."""

from django.db import models

from users.models.user import User


class KnownIP(models.Model):
    """Its owner logs in from here even while strangers use up the account's attempts."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="known_ips", db_index=False
    )
    ip_hash = models.CharField(max_length=64)
    last_used_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "known IP addresses"
        constraints = [
            models.UniqueConstraint(fields=["user", "ip_hash"], name="users_one_row_per_known_ip"),
        ]

    def __str__(self) -> str:
        return f"an IP address of {self.user_id}"
