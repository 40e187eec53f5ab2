"""What the pages load of many repositories beside their days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.dates import DateRange
from repos.models import DownloadDay, RepositoryFacts, TrackedRepository
from repos.pages.panels import OtherData
from repos.traffic import growth
from repos.traffic.axes import Axis, Grouping
from repos.traffic.marks import marks_of

_TO_SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class GrowthData:
    """By the primary key of the repository."""

    facts: Mapping[int, Sequence[RepositoryFacts]] = field(default_factory=dict)
    downloads: Mapping[int, Sequence[DownloadDay]] = field(default_factory=dict)

    def dates(self) -> Iterator[date]:
        """The ends of each series."""
        for facts in self.facts.values():
            yield from (facts[0].date, facts[-1].date)
        for downloads in self.downloads.values():
            yield from (downloads[0].date, downloads[-1].date)


def growth_within(repositories: Sequence[TrackedRepository], within: DateRange) -> GrowthData:
    return GrowthData(
        facts=growth.facts_of_all(repositories, within=within),
        downloads=growth.downloads_of_all(repositories, within=within),
    )


def other_data_of(
    repositories: Sequence[TrackedRepository],
    grown: GrowthData,
    axis: Axis | None,
    *,
    asked_end: date | None,
    today: date,
) -> dict[int, OtherData]:
    """By primary key. Weeks only where the axis goes by week, and only those that end within the
    asked range: GitHub's figures of a week hold all that is known of it. Marks only along the axis.
    """
    if axis is None:
        return {repository.pk: OtherData() for repository in repositories}
    within = DateRange(axis.first, axis.last)
    by_week = axis.grouping is Grouping.WEEK
    is_cut = asked_end is not None and asked_end < today
    last_week = min(axis.last, asked_end - _TO_SUNDAY) if asked_end and is_cut else axis.last
    weeks = (
        growth.weeks_of_all(repositories, within=DateRange(axis.first, last_week))
        if by_week
        else {}
    )
    releases = growth.releases_of_all(repositories)
    notes = growth.notes_of_all(repositories, within=within)
    return {
        pk: OtherData(
            weeks=weeks.get(pk, ()),
            facts=grown.facts.get(pk, ()),
            downloads=grown.downloads.get(pk, ()),
            marks=marks_of(releases.get(pk, ()), notes.get(pk, ()), within=within),
        )
        for pk in (repository.pk for repository in repositories)
    }
