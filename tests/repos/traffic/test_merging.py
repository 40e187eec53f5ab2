"""The merge is a lattice join: order-free, idempotent, monotone, whatever GitHub says."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from repos.traffic.merging import (
    FIGURES,
    Count,
    DayFigures,
    fetched_history,
    first_lost_date,
    is_settled,
    merged,
)

figure = st.none() | st.integers(0, 2**63 - 1)
figures = st.builds(
    DayFigures,
    views=figure,
    unique_visitors=figure,
    clones=figure,
    unique_cloners=figure,
    complete=st.booleans(),
)
days = st.dates(date(2026, 1, 1), date(2026, 1, 20))
histories = st.dictionaries(days, figures, max_size=15)
counts = st.dictionaries(days, st.builds(Count, st.integers(0, 9), st.integers(0, 9)), max_size=15)


@given(histories, histories)
def test_order_does_not_matter(one: dict[date, DayFigures], other: dict[date, DayFigures]) -> None:
    assert merged(one, other) == merged(other, one)


@given(histories, histories, histories)
def test_grouping_does_not_matter(
    one: dict[date, DayFigures], two: dict[date, DayFigures], three: dict[date, DayFigures]
) -> None:
    assert merged(merged(one, two), three) == merged(one, merged(two, three))


@given(histories, histories)
def test_once_more_changes_nothing(
    one: dict[date, DayFigures], other: dict[date, DayFigures]
) -> None:
    both = merged(one, other)

    assert merged(both, other) == both
    assert merged(one, one) == dict(sorted(one.items()))


@given(histories, histories)
def test_no_day_is_lost_and_no_figure_falls(
    one: dict[date, DayFigures], other: dict[date, DayFigures]
) -> None:
    both = merged(one, other)

    assert both.keys() == one.keys() | other.keys()
    for day, before in one.items():
        after = both[day]
        for name in FIGURES:
            told = getattr(before, name)
            assert told is None or getattr(after, name) >= told
        assert after.complete >= before.complete


@given(counts, counts, st.datetimes(datetime(2026, 1, 15), datetime(2026, 1, 20)))  # noqa: DTZ001
def test_a_fetch_covers_fourteen_days_and_what_github_lists(
    views: dict[date, Count], clones: dict[date, Count], moment: datetime
) -> None:
    fetched_at = moment.replace(tzinfo=UTC)
    today = fetched_at.date()
    covered = {today - timedelta(days=n) for n in range(14)}

    history = fetched_history(views, clones, fetched_at=fetched_at)

    assert history.keys() == covered | views.keys() | clones.keys()
    newest = max({*views, *clones}, default=date.min)
    assert all(
        history[day].complete
        == (
            day in covered
            and day <= today - timedelta(days=3)
            and (day <= newest or day <= today - timedelta(days=8))
        )
        for day in history
    )


FETCHED_AT = datetime(2026, 3, 20, 4, 30, tzinfo=UTC)


def test_a_covered_day_that_github_leaves_out_is_zeros() -> None:
    history = fetched_history({}, {}, fetched_at=FETCHED_AT)

    assert list(history) == [date(2026, 3, 7) + timedelta(days=n) for n in range(14)]
    assert history[date(2026, 3, 7)] == DayFigures(0, 0, 0, 0, complete=True)
    assert history[date(2026, 3, 20)] == DayFigures(0, 0, 0, 0, complete=False)


def test_a_day_that_github_may_be_late_with_stays_open_until_a_later_day_is_listed() -> None:
    late = date(2026, 3, 16)

    before = fetched_history({late - timedelta(days=1): Count(9, 4)}, {}, fetched_at=FETCHED_AT)
    after = fetched_history({}, {late + timedelta(days=1): Count(1, 1)}, fetched_at=FETCHED_AT)
    known = fetched_history({}, {}, fetched_at=FETCHED_AT, listed_before=[late])

    assert before[late] == DayFigures(0, 0, 0, 0, complete=False)
    assert before[late - timedelta(days=1)].complete
    assert after[late] == DayFigures(0, 0, 0, 0, complete=True)
    assert known[late].complete


def test_a_day_that_was_not_listed_a_week_after_its_end_had_no_traffic() -> None:
    day = date(2026, 3, 12)
    a_week_later = datetime(2026, 3, 20, 0, 0, 0, tzinfo=UTC)

    early = fetched_history({}, {}, fetched_at=a_week_later - timedelta(seconds=1))
    late = fetched_history({}, {}, fetched_at=a_week_later)

    assert not early[day].complete
    assert late[day].complete


def test_the_clipped_day_has_a_row_only_when_listed_and_is_not_complete() -> None:
    clipped = date(2026, 3, 6)

    listed = fetched_history({clipped: Count(4, 2)}, {}, fetched_at=FETCHED_AT)

    assert listed[clipped] == DayFigures(4, 2, 0, 0, complete=False)
    assert clipped not in fetched_history({}, {}, fetched_at=FETCHED_AT)


def test_a_day_settles_48_hours_after_its_end() -> None:
    day = date(2026, 3, 17)

    assert not is_settled(day, at=datetime(2026, 3, 19, 23, 59, 59, tzinfo=UTC))
    assert is_settled(day, at=datetime(2026, 3, 20, 0, 0, 0, tzinfo=UTC))


def test_the_settled_moment_counts_in_utc_whatever_the_zone() -> None:
    kiritimati = datetime(2026, 3, 20, 13, 0, tzinfo=UTC).astimezone()

    assert is_settled(date(2026, 3, 17), at=kiritimati)


def test_the_clipped_edge_never_lowers_a_day() -> None:
    day = date(2026, 3, 6)
    whole = fetched_history({day: Count(73, 20)}, {}, fetched_at=FETCHED_AT - timedelta(days=5))
    clipped = fetched_history({day: Count(18, 7)}, {}, fetched_at=FETCHED_AT)

    assert merged(whole, clipped)[day] == DayFigures(73, 20, 0, 0, complete=True)


def test_days_are_lost_two_weeks_after_the_last_fetch() -> None:
    assert first_lost_date(date(2026, 3, 1)) == date(2026, 3, 15)


def test_an_unknown_figure_never_hides_one_that_is_known() -> None:
    views, clones = DayFigures(views=5, unique_visitors=2), DayFigures(clones=0, unique_cloners=0)

    assert views.merged_with(clones) == DayFigures(5, 2, 0, 0)
    assert views.merged_with(DayFigures()) == views
