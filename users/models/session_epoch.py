"""Which entries of the sessions in Redis are to be believed; see users.sessions.cache."""

from django.db import models


class SessionEpoch(models.Model):
    """One row. A higher number disowns everything that Redis holds so far."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
