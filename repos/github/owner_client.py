"""The repositories of a user or an organization that a credential may push to."""

import re
from dataclasses import dataclass

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
_AFFILIATION = "owner,collaborator,organization_member"


@dataclass(frozen=True, slots=True)
class OwnerRef:
    login: str
    # Whether private repositories of this owner may be listed.
    may_be_private: bool
    # Whose repositories may be listed, in lower case; empty: everybody's.
    owners: frozenset[str] = frozenset()


class OwnerClient:
    def __init__(self, http: HttpClient, ref: OwnerRef) -> None:
        self._http = http
        self._ref = ref

    def repositories(self) -> list[ListedRepository]:
        """Forks and archived ones included. After a rename of the owner, which GitHub redirects,
        they have its new name. Raises GitHubError."""
        listed = self._listed()
        if self._ref.owners and any(
            one.name.owner.lower() not in self._ref.owners for one in listed
        ):
            raise exceptions.has_another_owner(self._ref.login)
        found = {
            one.github_id: one
            for one in listed
            if one.can_push and (self._ref.may_be_private or not one.is_private)
        }
        return list(found.values())

    def _listed(self) -> list[ListedRepository]:
        """An organization's list has its private repositories. A user's list has the public ones;
        the private ones stand in the list of what the token itself may see."""
        organization = self._all(f"/orgs/{self._ref.login}", "/repos?type=all")
        if organization is not None:
            return organization
        public = self._all(f"/users/{self._ref.login}", "/repos?type=owner")
        names = {self._ref.login.lower(), *(one.name.owner.lower() for one in public or [])}
        private: list[ListedRepository] = []
        if self._ref.may_be_private:
            visible = self._all("/user", f"/repos?affiliation={_AFFILIATION}") or []
            private = [one for one in visible if one.name.owner.lower() in names]
        if public is None and not private:
            raise exceptions.owner_not_found(self._ref.login)
        return [*(public or []), *private]

    def _all(self, prefix: str, suffix: str) -> list[ListedRepository] | None:
        """None when GitHub has no such list, or not for this token."""
        resource = Resource(self._http, prefix, forms=_FORMS)
        found: list[ListedRepository] = []
        for number in range(1, MAX_PAGES + 1):
            page = f"{suffix}&per_page={PAGE_SIZE}&page={number}"
            response = resource.get(page, max_bytes=MAX_BYTES)
            if response.status == 404 or (response.status == 403 and prefix == "/user"):
                return None
            found += self._parsed(response)
            if 'rel="next"' not in response.headers.get("Link", ""):
                return found
        raise exceptions.malformed()

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
