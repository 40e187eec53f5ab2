"""Finding what a path names."""

from core.exceptions import NotFound
from repos import selectors
from repos.models import Repository
from users.sessions.authentication import SignedInRequest


class UnknownRepository(NotFound):
    code = "unknown_repository"
    message = "You follow no repository with this id."


def own_repository(request: SignedInRequest, repository_id: str) -> Repository:
    """Raises UnknownRepository, for somebody else's too."""
    repository = selectors.repository_of(request.user, repository_id)
    if repository is None:
        raise UnknownRepository
    return repository
