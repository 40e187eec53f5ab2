"""Finding what a path names."""

from core.exceptions import NotFound, ValidationFailed
from repos import selectors
from repos.models import TrackedRepository
from repos.selectors import UnknownRepository
from users.sessions.authentication import SignedInRequest


class NothingToDelete(ValidationFailed):
    """Deleting what is not there is 400, not 404 (requirement E6)."""

    code = "unknown_repository"
    message = UnknownRepository.message


def own_repository(
    request: SignedInRequest,
    repository_id: str,
    *,
    missing: type[NotFound | ValidationFailed] = UnknownRepository,
) -> TrackedRepository:
    """Raises `missing`, for somebody else's repository too."""
    repository = selectors.repository_of(request.user, repository_id)
    if repository is None:
        raise missing
    return repository
