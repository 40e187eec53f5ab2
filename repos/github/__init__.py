"""Everything that talks to GitHub. Nothing else in Foyer does."""

from repos.github.bodies import Referrer, RepositoryFacts, VisitedPath, Window
from repos.github.client import Fetched, GitHub, Part, Target
from repos.github.refusals import (
    CredentialRefused,
    GitHubError,
    RateLimited,
    RepositoryFailed,
    Unreachable,
)
from repos.github.transport import Patience

__all__ = [
    "CredentialRefused",
    "Fetched",
    "GitHub",
    "GitHubError",
    "Part",
    "Patience",
    "RateLimited",
    "Referrer",
    "RepositoryFacts",
    "RepositoryFailed",
    "Target",
    "Unreachable",
    "VisitedPath",
    "Window",
]
