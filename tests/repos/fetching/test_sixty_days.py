"""Two months of daily runs, whatever happens on GitHub: nothing is lost, nothing falls."""

from datetime import timedelta

import pytest

from repos.models import TrackedRepository
from repos.traffic.merging import FIGURES
from tests.factories import RepositoryFactory
from tests.repos.fetching.running import run
from tests.repos.github_server import GitHubServer
from tests.repos.simulation import DAYS, NAMES, Simulation, Stored, fell

pytestmark = pytest.mark.django_db


def stored_of(repositories: dict[str, TrackedRepository]) -> Stored:
    found = Stored()
    for name, one in repositories.items():
        found.days[name] = list(one.days.order_by("date").values_list("date", *FIGURES, "complete"))
        found.growth[name] = list(one.facts.order_by("date").values_list("date", "stars"))
        found.weeks[name] = list(one.weeks.order_by("week").values_list("week", *FIGURES))
        found.downloads[name] = list(
            one.download_days.order_by("date").values_list("date", "downloads")
        )
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_is_right_and_none_ever_fell(seed: int, github_server: GitHubServer) -> None:
    simulation = Simulation(github_server, seed=seed)
    repositories = {
        full_name: RepositoryFactory.create(
            owner=full_name.split("/")[0], name=full_name.split("/")[1]
        )
        for full_name in NAMES
    }
    before = stored_of(repositories)

    for n in range(DAYS):
        simulation.advance_to(n)
        # The machine's clock is a day off: only GitHub's counts.
        summary = run(now=github_server.now() + timedelta(days=1))
        assert summary.is_clean != simulation.is_outage(n), n
        after = stored_of(repositories)
        assert fell(before, after) == []
        before = after

    simulation.check(before)
    names = {one.pk: one.full_name for one in TrackedRepository.objects.all()}
    assert [names[repositories[name].pk] for name in NAMES] == list(NAMES.values())
    assert TrackedRepository.objects.get(pk=repositories["octo/archived"].pk).archived
