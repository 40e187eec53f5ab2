"""Everything that talks to GitHub. Nothing else in Foyer does."""

from repos.github.client import ConditionalResult, Fetched, GitHub, RepositoryRef
from repos.github.exceptions import (
    BadCredentials,
    GitHubError,
    RateLimited,
    RepositoryFailed,
    Unreachable,
)
from repos.github.schemas import Referrer, RepositoryDetails, VisitedPath, Window
from repos.github.transport import RetryPolicy

__all__ = [
    "BadCredentials",
    "ConditionalResult",
    "Fetched",
    "GitHub",
    "GitHubError",
    "RateLimited",
    "Referrer",
    "RepositoryDetails",
    "RepositoryFailed",
    "RepositoryRef",
    "RetryPolicy",
    "Unreachable",
    "VisitedPath",
    "Window",
]
