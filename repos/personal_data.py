"""What the export of one's own data holds of repositories and their traffic."""

from core.personal_data import ExportedFolder, ExportedTable, export, leave_out, same_names
from repos.models import TrackedRepository
from repos.models.facts import FACTS
from repos.traffic.merging import FIGURES


def _folder(repository: TrackedRepository) -> str:
    """The number keeps two rows of one name apart: a name can be tracked again after GitHub gave
    it to another repository. An import of the export takes the days of the present one alone."""
    former = "-former" if repository.replaced_at is not None else ""
    return f"repositories/{repository.owner}/{repository.name}{former}-{repository.pk}"


def _of_repository(member: str, model: str, *columns: str) -> ExportedTable:
    return ExportedTable(
        member=member, model=f"repos.{model}", columns=same_names(*columns), owner="repository"
    )


export(
    ExportedTable(
        member="repositories/repositories.csv",
        model="repos.TrackedRepository",
        columns={
            "id": "uuid",
            **same_names(
                "owner", "name", "created_at", "archived", "last_fetched_at", "last_error"
            ),
        },
    ),
    ExportedFolder(
        model="repos.TrackedRepository",
        name=_folder,
        tables=[
            _of_repository("days.csv", "TrafficDay", "date", *FIGURES, "complete"),
            _of_repository("weeks.csv", "TrafficWeek", "week", *FIGURES),
            _of_repository("growth.csv", "RepositoryFacts", "date", *FACTS),
            _of_repository(
                "popular.json", "PopularitySnapshot", "kind", "first_date", "last_date", "entries"
            ),
            _of_repository("releases.csv", "Release", "tag", "name", "published_at", "downloads"),
            _of_repository("downloads.csv", "DownloadDay", "date", "downloads"),
            _of_repository("notes.json", "Note", "date", "text", "created_at"),
            _of_repository("fetches.csv", "FetchOutcome", "at", "result", "message"),
        ],
    ),
    ExportedTable(
        member="repositories/owners.csv",
        model="repos.FollowedOwner",
        columns={
            "id": "uuid",
            **same_names("login", "forks", "created_at", "last_read_at", "last_error"),
        },
    ),
    ExportedTable(
        member="repositories/left_out.csv",
        model="repos.UnfollowedRepository",
        columns={"owner": "owner__login", "repository": "key"},
        owner="owner__user",
    ),
    ExportedTable(
        member="repositories/alerts.json",
        model="repos.AlertPreference",
        columns=same_names("email"),
    ),
    ExportedTable(
        member="repositories/sent_alerts.csv",
        model="repos.SentAlert",
        columns=same_names("cause", "sent_at"),
    ),
    ExportedTable(
        member="repositories/github_credential.json",
        model="repos.GitHubCredential",
        columns=same_names("stored_at", "expires_at"),
    ),
)
leave_out("repos.ReleaseAsset", reason="Counters of GitHub, added up in releases.csv.")
leave_out("repos.BadgeToken", reason="A token: whoever has it opens the badges.")
leave_out("repos.ApiToken", reason="The hash of a secret.")
leave_out("repos.ShareToken", reason="The hash of a secret.")
