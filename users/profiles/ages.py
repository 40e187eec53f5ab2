"""The age rules. Days are UTC dates, passed in."""

from datetime import date

from core.exceptions import ValidationFailed

ADULT_AGE_YEARS = 18
EARLIEST_BIRTHDATE = date(1900, 1, 1)


def is_adult(birthdate: date, *, on: date) -> bool:
    """True from the 18th birthday on; born on 29 February, from 1 March (requirement A2)."""
    had_birthday = (on.month, on.day) >= (birthdate.month, birthdate.day)
    return on.year - birthdate.year - (not had_birthday) >= ADULT_AGE_YEARS


def validate_birthdate(birthdate: date, *, today: date) -> None:
    """Raise ValidationFailed for a birthdate that nobody who holds an account has."""
    if birthdate > today:
        raise ValidationFailed("The birthdate is in the future.", code="future", attr="birthdate")
    if birthdate < EARLIEST_BIRTHDATE:
        raise ValidationFailed(
            f"The birthdate is before {EARLIEST_BIRTHDATE.year}.", code="too_old", attr="birthdate"
        )
    if not is_adult(birthdate, on=today):
        raise ValidationFailed(
            f"Foyer is for people of {ADULT_AGE_YEARS} and older.",
            code="too_young",
            attr="birthdate",
        )
