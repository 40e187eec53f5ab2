"""What the pages load of many repositories beside their days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.dates import DateRange
from repos.models import DownloadDay, RepositoryFacts, TrackedRepository
from repos.pages.panels import OtherData
from repos.traffic import growth
from repos.traffic.axes import Axis, Grouping
from repos.traffic.marks import marks_of


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
    repositories: Sequence[TrackedRepository], grown: GrowthData, axis: Axis | None
) -> dict[int, OtherData]:
    """By primary key. Weeks only where the axis goes by week; marks only along the axis."""
    if axis is None:
        return {repository.pk: OtherData() for repository in repositories}
    within = DateRange(axis.first, axis.last)
    by_week = axis.grouping is Grouping.WEEK
    weeks = growth.weeks_of_all(repositories, within=within) if by_week else {}
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
