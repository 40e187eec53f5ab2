"""The repositories of a user or an organization that a credential may push to."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import count

from repos.github import exceptions, schemas
from repos.github.exceptions import GitHubError
from repos.github.http_client import HttpClient
from repos.github.resource import Resource
from repos.github.schemas import ListedRepository, Malformed
from repos.github.transport import Response

PAGE_SIZE = 100
MAX_PAGES = 100
MAX_BYTES = 8 * 1024 * 1024
_FORMS = re.compile(
    r"/(?:organizations/[0-9]{1,18}|(?:orgs|users)/[A-Za-z0-9_-]{1,80}|user(?:/[0-9]{1,18})?)"
)
# What a token may see beyond what it was asked for is not an error of the owner's list.
_NOT_FOR_THIS_TOKEN = frozenset({403, 404})


@dataclass(frozen=True, slots=True)
class OwnerRef:
    login: str
    # Whether private repositories of this owner may be listed.
    may_be_private: bool


class OwnerClient:
    def __init__(self, http: HttpClient, ref: OwnerRef) -> None:
        self._http = http
        self._ref = ref

    def repositories(self) -> list[ListedRepository]:
        """Forks and archived ones included. Raises GitHubError."""
        found = {
            one.github_id: one
            for one in self._listed()
            if one.can_push
            and one.name.owner.lower() == self._ref.login.lower()
            and (self._ref.may_be_private or not one.is_private)
        }
        return list(found.values())

    def _listed(self) -> Iterator[ListedRepository]:
        """An organization's list has its private repositories. A user's list has the public ones;
        the private ones stand in the list of what the token itself may see."""
        organization = self._pages(f"/orgs/{self._ref.login}", "/repos?type=all")
        if (yield from organization) != 404:
            return
        user = yield from self._pages(f"/users/{self._ref.login}", "/repos?type=owner")
        if user == 404:
            raise exceptions.owner_not_found(self._ref.login)
        if self._ref.may_be_private:
            affiliation = "owner,collaborator,organization_member"
            yield from self._pages("/user", f"/repos?affiliation={affiliation}")

    def _pages(self, prefix: str, suffix: str) -> Generator[ListedRepository, None, int]:
        resource = Resource(self._http, prefix, forms=_FORMS)
        for number in count(1):
            if number > MAX_PAGES:
                raise exceptions.malformed()
            response = resource.get(
                f"{suffix}&per_page={PAGE_SIZE}&page={number}", max_bytes=MAX_BYTES
            )
            if response.status in _NOT_FOR_THIS_TOKEN and (
                response.status == 404 or prefix == "/user"
            ):
                return response.status
            yield from self._parsed(response)
            if 'rel="next"' not in response.headers.get("Link", ""):
                return response.status
        return 200

    def _parsed(self, response: Response) -> list[ListedRepository]:
        if response.status != 200:
            raise self._rejection(response)
        try:
            return schemas.parse_listed_repositories(response.body)
        except Malformed as error:
            raise exceptions.malformed() from error

    def _rejection(self, response: Response) -> GitHubError:
        if response.status == 403:
            message = schemas.message_in(response.body)
            return exceptions.forbidden(self._ref.login, message, response.headers)
        return exceptions.unexpected_status(response.status)
