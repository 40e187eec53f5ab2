"""Everything that talks to GitHub. Nothing else in Foyer does."""

from repos.github.exceptions import (
    BadCredentials,
    GitHubError,
    RateLimited,
    RepositoryArchived,
    RepositoryFailed,
    RepositoryReplaced,
    Unreachable,
)
from repos.github.http_client import HttpClient
from repos.github.owner_client import OwnerClient, OwnerRef
from repos.github.repository_client import (
    ConditionalResult,
    FetchResult,
    RepositoryClient,
    RepositoryRef,
)
from repos.github.schemas import (
    AssetCounter,
    ListedRepository,
    Referrer,
    ReleaseCounters,
    RepositoryDetails,
    VisitedPath,
    Window,
)
from repos.github.transport import RetryPolicy

__all__ = [
    "AssetCounter",
    "BadCredentials",
    "ConditionalResult",
    "FetchResult",
    "GitHubError",
    "HttpClient",
    "ListedRepository",
    "OwnerClient",
    "OwnerRef",
    "RateLimited",
    "Referrer",
    "ReleaseCounters",
    "RepositoryArchived",
    "RepositoryClient",
    "RepositoryDetails",
    "RepositoryFailed",
    "RepositoryRef",
    "RepositoryReplaced",
    "RetryPolicy",
    "Unreachable",
    "VisitedPath",
    "Window",
]
