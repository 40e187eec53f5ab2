"""Repositories, their history, the credentials that read it, and the runs that fetched it."""

from repos.models.credential import GitHubCredential
from repos.models.popularity import PopularityKind, PopularitySnapshot
from repos.models.repository import Repository
from repos.models.run import FetchOutcome, FetchResult, FetchRun, FetchTrigger
from repos.models.token import ApiToken, ShareToken
from repos.models.traffic_day import TrafficDay

__all__ = [
    "ApiToken",
    "FetchOutcome",
    "FetchResult",
    "FetchRun",
    "FetchTrigger",
    "GitHubCredential",
    "PopularityKind",
    "PopularitySnapshot",
    "Repository",
    "ShareToken",
    "TrafficDay",
]
