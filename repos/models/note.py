"""Notes of the owner on a day, marked on the charts."""

from django.db import models

from repos.models.tracked_repository import TrackedRepository

NOTE_LENGTH = 200


class Note(models.Model):
    repository = models.ForeignKey(
        TrackedRepository, on_delete=models.CASCADE, related_name="notes", db_index=False
    )
    date = models.DateField(help_text="The day (UTC) that is marked.")
    text = models.CharField(max_length=NOTE_LENGTH)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=("repository", "date"), name="repos_notes_by_date")]

    def __str__(self) -> str:
        return f"{self.date}: {self.text}"
