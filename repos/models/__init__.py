"""Repositories, their history, the credentials that read it, and the runs that fetched it."""

from repos.models.alert import AlertCause, AlertPreference, SentAlert
from repos.models.badge import BadgeToken
from repos.models.credential import GitHubCredential
from repos.models.facts import RepositoryFacts
from repos.models.note import Note
from repos.models.owner import FollowedOwner, UnfollowedRepository
from repos.models.popularity import PopularityKind, PopularitySnapshot
from repos.models.release import DownloadDay, Release, ReleaseAsset
from repos.models.run import FetchOutcome, FetchRun, FetchStatus, FetchTrigger
from repos.models.token import ApiToken, ShareToken
from repos.models.tracked_repository import TrackedRepository
from repos.models.traffic_day import TrafficDay
from repos.models.traffic_week import TrafficWeek

__all__ = [
    "AlertCause",
    "AlertPreference",
    "ApiToken",
    "BadgeToken",
    "DownloadDay",
    "FetchOutcome",
    "FetchRun",
    "FetchStatus",
    "FetchTrigger",
    "FollowedOwner",
    "GitHubCredential",
    "Note",
    "PopularityKind",
    "PopularitySnapshot",
    "Release",
    "ReleaseAsset",
    "RepositoryFacts",
    "SentAlert",
    "ShareToken",
    "TrackedRepository",
    "TrafficDay",
    "TrafficWeek",
    "UnfollowedRepository",
]
