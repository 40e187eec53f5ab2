"""The age rules (requirement A2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import ValidationFailed
from users.profiles.ages import is_adult, validate_birthdate


class TestIsAdult:
    @pytest.mark.parametrize(
        ("birthdate", "on", "adult"),
        [
            (date(2007, 3, 2), date(2025, 3, 1), False),
            (date(2007, 3, 2), date(2025, 3, 2), True),
            (date(2008, 2, 29), date(2026, 2, 28), False),
            (date(2008, 2, 29), date(2026, 3, 1), True),
            (date(2010, 3, 1), date(2028, 2, 29), False),
            (date(2010, 2, 28), date(2028, 2, 29), True),
        ],
    )
    def test_is_adult_counts_birthdays(self, birthdate: date, on: date, adult: bool) -> None:
        assert is_adult(birthdate, on=on) is adult

    @given(
        birthdate=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
        on=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    )
    def test_is_adult_begins_once_and_stays(self, birthdate: date, on: date) -> None:
        if is_adult(birthdate, on=on):
            assert is_adult(birthdate, on=on + timedelta(days=1))
            assert on.year - birthdate.year >= 18


class TestRequireAdultBirthdate:
    @pytest.mark.parametrize(
        "birthdate", [date(2026, 1, 2), date(1899, 12, 31), date(1, 1, 1), date(2008, 1, 2)]
    )
    def test_require_adult_birthdate_refuses(self, birthdate: date) -> None:
        with pytest.raises(ValidationFailed):
            validate_birthdate(birthdate, today=date(2026, 1, 1))

    @pytest.mark.parametrize("birthdate", [date(1900, 1, 1), date(2008, 1, 1)])
    def test_require_adult_birthdate_accepts(self, birthdate: date) -> None:
        validate_birthdate(birthdate, today=date(2026, 1, 1))
