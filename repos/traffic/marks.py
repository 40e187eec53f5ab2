"""What is marked on the charts: releases, and the owner's notes."""

from django.db.models import QuerySet

from repos.models import Note, TrackedRepository


def notes_of(repository: TrackedRepository) -> QuerySet[Note]:
    """Oldest day first."""
    return Note.objects.filter(repository=repository).order_by("date", "id")
