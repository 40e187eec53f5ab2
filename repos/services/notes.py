"""Notes on days, marked on the charts."""

from datetime import date, datetime

from django.db import transaction

from core.exceptions import Conflict
from repos.models import Note, TrackedRepository
from repos.traffic.history import lock_repository

# More would cover the charts.
MAX_NOTES = 500


class TooManyNotes(Conflict):
    code = "too_many_notes"
    message = f"A repository has at most {MAX_NOTES} notes; delete one first."


def add_note(*, repository: TrackedRepository, date: date, text: str, now: datetime) -> Note:
    """Mark a day (UTC). Raises TooManyNotes, and UnknownRepository when it was just deleted."""
    with transaction.atomic():
        lock_repository(repository)
        if Note.objects.filter(repository=repository).count() >= MAX_NOTES:
            raise TooManyNotes
        return Note.objects.create(repository=repository, date=date, text=text, created_at=now)


def delete_note(*, repository: TrackedRepository, note_id: int) -> bool:
    """Whether this call deleted it: of several at once exactly one does."""
    deleted, _ = Note.objects.filter(repository=repository, pk=note_id).delete()
    return deleted > 0
