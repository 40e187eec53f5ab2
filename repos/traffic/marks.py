"""What is marked on the charts: releases, and the owner's notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date

from django.db.models import QuerySet

from core.dates import DateRange
from repos.models import Note, Release, TrackedRepository


@dataclass(frozen=True, slots=True)
class Mark:
    """`date` is a day in UTC."""

    date: date
    text: str


def notes_of(repository: TrackedRepository) -> QuerySet[Note]:
    """Oldest day first."""
    return Note.objects.filter(repository=repository).order_by("date", "id")


def marks_of(
    releases: Iterable[Release], notes: Iterable[Note], *, within: DateRange
) -> list[Mark]:
    """Oldest first."""
    marks = [
        *(Mark(release_date(release), f"Release {release.tag}") for release in releases),
        *(Mark(note.date, note.text) for note in notes),
    ]
    return sorted((mark for mark in marks if mark.date in within), key=lambda mark: mark.date)


def release_date(release: Release) -> date:
    return release.published_at.astimezone(UTC).date()
