"""What goes wrong with GitHub, as a sentence that tells a maintainer what to do.

Text from GitHub itself is only compared, never passed on: it may hold anything.
"""

import re
from collections.abc import Mapping

STORING_CALL = "POST /api/users/github"


class GitHubError(Exception):
    """`sentence` goes to the owner of the repository; it never holds a credential."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class RepositoryFailed(GitHubError):
    """Another try will not help; somebody has to do what the sentence says."""


class Unreachable(GitHubError):
    """GitHub did not give a usable answer this time."""


class BadCredentials(GitHubError):
    """401: whatever is asked with this credential will be refused."""


class RateLimited(GitHubError):
    """GitHub wants to be left alone for longer than a run waits."""


def not_found(full_name: str) -> RepositoryFailed:
    return RepositoryFailed(
        f"GitHub shows this token no {full_name} (404): the repository is gone, was renamed, or is"
        " private and the token may not see it. Check the address; for a private repository give"
        " the token access to it."
    )


def unavailable_for_legal_reasons(full_name: str) -> RepositoryFailed:
    return RepositoryFailed(
        f"GitHub has blocked access to {full_name}. Ask GitHub's support, or delete it here."
    )


def credential_refused() -> BadCredentials:
    return BadCredentials(
        "GitHub refuses the token (401): it is wrong, expired or revoked."
        f" Make a new one and store it with {STORING_CALL}."
    )


def rate_limited(*, until: str | None) -> RateLimited:
    when = f" until {until}" if until else ""
    return RateLimited(
        f"GitHub's rate limit for this token is used up{when}. Nothing to do: the next run goes on."
    )


_PERMISSION = re.compile(r"[a-z_]{1,40}=(?:read|write|admin)")


def forbidden(full_name: str, message: str, headers: Mapping[str, str]) -> RepositoryFailed:
    """A 403 that is not about rate limits: which permission is missing, and who can grant it."""
    text = message.lower()
    if headers.get("X-GitHub-SSO", "").startswith("required"):
        message = (
            "the organization wants single sign-on: open the token in GitHub's settings and"
            " authorize it for the organization (Configure SSO)."
        )
    elif "must have push access" in text:
        message = (
            f"the token's owner needs push access to {full_name}, since GitHub shows traffic only"
            " to people who can push. Ask for the Write role, or store the token of somebody who"
            f" has it ({STORING_CALL}). A classic token needs the scope repo, or public_repo for"
            " public repositories."
        )
    elif "not accessible by personal access token" in text:
        message = (
            "the fine-grained token lacks the repository permission Administration: read, or was"
            f" not given access to {full_name}. Edit the token in GitHub's settings and grant both."
        )
    elif "not accessible by integration" in text:
        message = (
            "the GitHub App, or the built-in token of GitHub Actions, lacks the repository"
            f" permission Administration: read on {full_name}. Grant it to the app and approve the"
            " new permission; the built-in token of Actions can never have it."
        )
    elif "ip allow list" in text:
        message = (
            "the organization admits only addresses on its IP allow list. Ask its owner to add"
            " the address of this server."
        )
    else:
        wanted = _PERMISSION.findall(headers.get("X-Accepted-GitHub-Permissions", ""))
        missing = f" (GitHub asks for {', '.join(wanted)})" if wanted else ""
        message = (
            f"the token may not read the traffic of {full_name}{missing}. It needs the repository"
            " permission Administration: read (fine-grained), or the scope repo and push access"
            " (classic)."
        )
    return RepositoryFailed(f"GitHub refuses (403): {message}")
