"""What goes wrong with GitHub, as a sentence that tells a maintainer what to do.

Text from GitHub itself is only compared, never passed on: it may hold anything.
"""

import re
from collections.abc import Mapping

STORING_CALL = "POST /api/users/github"
_NEXT_RUN = "Nothing to do: the next run tries again."
_CHECK_URL = f"{_NEXT_RUN[:-1]}; if it stays, check GITHUB_API_URL."


class GitHubError(Exception):
    """`message` goes to the owner of the repository; it never holds a credential."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class RepositoryFailed(GitHubError):
    """Another try will not help; somebody has to do what the message says."""


class RepositoryArchived(GitHubError):
    """GitHub shows no traffic of an archived repository: not a failure."""


class RepositoryReplaced(GitHubError):
    """The name belongs to another repository now, and the one that was tracked is gone."""


class Unreachable(GitHubError):
    """GitHub did not give a usable response this time."""


class BadCredentials(GitHubError):
    """401: every request with this credential will be rejected."""


class RateLimited(GitHubError):
    """GitHub wants no requests for longer than a run waits."""


def too_slow() -> Unreachable:
    return Unreachable(f"GitHub did not respond in time. {_NEXT_RUN}")


def broken_off() -> Unreachable:
    return Unreachable(f"GitHub could not be reached or broke off. {_NEXT_RUN}")


def asked_to_wait(*, until: str | None) -> GitHubError:
    """A fault with a Retry-After; no Unreachable, after which one could ask for something else."""
    when = f" until {until}" if until else ""
    return GitHubError(f"GitHub has a fault of its own and wants no requests{when}. {_NEXT_RUN}")


def too_large() -> Unreachable:
    return Unreachable(
        "GitHub's response is larger than any such response should be and was not read."
        f" {_CHECK_URL}"
    )


def malformed() -> Unreachable:
    return Unreachable(
        f"GitHub's response is not what its documentation says and was not stored. {_CHECK_URL}"
    )


def redirected_elsewhere() -> RepositoryFailed:
    return RepositoryFailed(
        "GitHub redirects to another place, where the token must not go. Check that it still exists"
        " under this name, and GITHUB_API_URL."
    )


def redirected_in_circles() -> RepositoryFailed:
    return RepositoryFailed("GitHub redirects in circles. Check GITHUB_API_URL.")


def not_found(full_name: str) -> RepositoryFailed:
    return RepositoryFailed(
        f"GitHub shows this token no {full_name} (404): the repository is gone, was renamed, or is"
        " private and the token may not see it. Check the address; for a private repository give"
        " the token access to it."
    )


def replaced(full_name: str) -> RepositoryReplaced:
    return RepositoryReplaced(
        f"The name {full_name} belongs to another repository on GitHub now, and the one that was"
        " followed here is gone or hidden from the token. Nothing more is added to this history,"
        " which stays as it is. To follow the new repository, add its address again."
    )


def no_public_repository(full_name: str) -> RepositoryFailed:
    """The same for what is private as for what is not there, as GitHub says it to strangers:
    anybody may follow any name, and would learn which private ones the server's token sees."""
    return RepositoryFailed(
        f"GitHub shows no public repository {full_name} (404): it is gone, was renamed, or is"
        " private, which the server's own token is not meant for. Check the address; for a private"
        f" repository store a token of your own with {STORING_CALL}."
    )


def has_another_owner(name: str) -> RepositoryFailed:
    """Says nothing of the new owner, who may be nobody's business."""
    return RepositoryFailed(
        f"{name} has another owner or name on GitHub now, and the server's own token is not meant"
        f" for that owner. Store a token of your own with {STORING_CALL}."
    )


def owner_not_found(login: str) -> RepositoryFailed:
    return RepositoryFailed(
        f"GitHub shows this token no user or organization {login} (404). Check the address."
    )


def unavailable_for_legal_reasons(full_name: str) -> RepositoryFailed:
    return RepositoryFailed(
        f"GitHub has blocked access to {full_name}. Ask GitHub's support, or delete it here."
    )


def credential_refused() -> BadCredentials:
    return BadCredentials(
        "GitHub rejects the token (401): it is wrong, expired or revoked."
        f" Make a new one and store it with {STORING_CALL}."
    )


def rate_limited(*, until: str | None) -> RateLimited:
    when = f" until {until}" if until else ""
    return RateLimited(
        f"GitHub's rate limit for this token is used up{when}. Nothing to do: the next run goes on."
    )


def archived(full_name: str) -> RepositoryArchived:
    return RepositoryArchived(
        f"{full_name} is archived, and GitHub shows no traffic of it (403). Nothing to do: what is"
        " stored stays, and fetching goes on when it is unarchived."
    )


def unexpected_status(status: int) -> GitHubError:
    if status == 202:
        return Unreachable(f"GitHub is still computing the figures (202). {_NEXT_RUN}")
    if status >= 500:
        return Unreachable(f"GitHub has a fault of its own ({status}). {_NEXT_RUN}")
    return RepositoryFailed(
        f"GitHub responded with the status {status}, which it does not document for this request."
        " Check GITHUB_API_URL, and whether Foyer is up to date."
    )


_PERMISSION = re.compile(r"[a-z_]{1,40}=(?:read|write|admin)")
# Words of GitHub's message in lower case, and what to do; the first match counts.
_FORBIDDEN: dict[str, str] = {
    "lifetime is greater than": (
        "the organization forbids tokens with such a long lifetime. Open the token in"
        " GitHub's settings and regenerate it with an earlier expiration date, then store it"
        " with {store}."
    ),
    "personal access token (classic)": (
        "the organization forbids classic tokens. Make a fine-grained token with the"
        " repository permission Administration: read and store it with {store}."
    ),
    "personal access tokens (classic)": (
        "the organization forbids classic tokens. Make a fine-grained token with the"
        " repository permission Administration: read and store it with {store}."
    ),
    "forbids access via a": (
        "the organization forbids this kind of token. Ask one of its owners which kind it"
        " allows, and store such a token with {store}."
    ),
    "saml": (
        "the organization requires SAML single sign-on. Open the token in GitHub's settings"
        " and authorize it for the organization (Configure SSO)."
    ),
    "upgrade to": (
        "the plan of the repository's owner does not include traffic for private"
        " repositories. Upgrade the plan, or make the repository public."
    ),
    "must have push access": (
        "the token's owner needs push access to {name}, since GitHub shows traffic only to"
        " people who can push. Ask for the Write role, or store the token of somebody who"
        " has it ({store}). A classic token needs the scope repo, or public_repo for public"
        " repositories."
    ),
    "not accessible by personal access token": (
        "the fine-grained token lacks the repository permission Administration: read, or"
        " was not given access to {name}. Edit the token in GitHub's settings and grant"
        " both."
    ),
    "not accessible by integration": (
        "the GitHub App, or the built-in token of GitHub Actions, lacks the repository"
        " permission Administration: read on {name}. Grant it to the app and approve the new"
        " permission; the built-in token of Actions can never have it."
    ),
    "ip allow list": (
        "the organization admits only addresses on its IP allow list. Ask its owner to add"
        " the address of this server."
    ),
    "suspended": (
        "the account of the token's owner is suspended. Ask GitHub's support, or store the"
        " token of somebody else ({store})."
    ),
    "access blocked": (
        "GitHub has blocked access to {name}. Ask GitHub's support, or delete it here."
    ),
}


def forbidden(full_name: str, message: str, headers: Mapping[str, str]) -> GitHubError:
    """A 403 that is not about rate limits: the reason, and what to do about it."""
    text = message.lower()
    if "archived" in text:
        return archived(full_name)
    if headers.get("X-GitHub-SSO", "").startswith("required"):
        text = "saml"
    for words, advice in _FORBIDDEN.items():
        if words in text:
            filled_in = advice.format(name=full_name, store=STORING_CALL)
            return RepositoryFailed(f"GitHub refuses (403): {filled_in}")
    wanted = _PERMISSION.findall(headers.get("X-Accepted-GitHub-Permissions", ""))
    asked = f" GitHub asks for the permission {', '.join(wanted)}." if wanted else ""
    return RepositoryFailed(
        f"GitHub refuses access to {full_name} (403) for a reason that is unknown to Foyer.{asked}"
        " Check that the token may read the traffic: it needs the repository permission"
        " Administration: read (fine-grained), or the scope repo and push access (classic)."
    )
