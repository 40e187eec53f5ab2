"""All pages of a repository's releases, and of the assets of releases that have many."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Protocol

from repos.github.http_client import etag_of
from repos.github.schemas import (
    AssetCounter,
    Malformed,
    ReleaseCounters,
    parse_assets,
    parse_releases,
)
from repos.github.transport import Response

PREFIX = "/releases"
PAGE_SIZE = 100
# GitHub lists no more than 10,000 releases.
MAX_PAGES = 100
# A release with its assets is a few kilobytes, one with hundreds of them a few hundred.
MAX_BYTES = 32 * 1024 * 1024
# A list of assets inside a release that ends where a page of GitHub ends may go on.
_PAGE_ENDS = frozenset({30, 100, 1000})


class Get(Protocol):
    def __call__(
        self, suffix: str, *, max_bytes: int | None = None, conditional: bool = True
    ) -> Response: ...


class ReleaseReader:
    """Reads nothing again while every stored page is unchanged; else it reads all of them, since
    GitHub shifts releases from page to page. `rejected`: the response that was no list."""

    def __init__(self, get: Get, stored_etags: Mapping[str, str]) -> None:
        self._get = get
        self._stored = [suffix for suffix in stored_etags if suffix.startswith(PREFIX)]
        self._fresh: dict[str, Response] = {}
        self.etags: dict[str, str] = {suffix: stored_etags[suffix] for suffix in self._stored}
        self.rejected: Response | None = None

    def read(self) -> tuple[ReleaseCounters, ...] | None:
        """None when unchanged or rejected. Raises Malformed, and GitHubError."""
        if self._stored and self._is_unchanged():
            return None
        self.etags = {}
        found: dict[int, ReleaseCounters] = {}
        for response in self._pages(PREFIX):
            for release in parse_releases(response.body):
                # A release published while the pages are read shifts another to the next page.
                found.setdefault(release.github_id, release)
        return None if self.rejected else tuple(map(self._completed, found.values()))

    def _is_unchanged(self) -> bool:
        for suffix in self._stored:
            response = self._get(suffix, max_bytes=MAX_BYTES)
            if response.status != 304:
                self._fresh[suffix] = response
                return False
        return True

    def _pages(self, prefix: str) -> Iterator[Response]:
        for number in count(1):
            if number > MAX_PAGES:
                raise Malformed
            suffix = f"{prefix}?per_page={PAGE_SIZE}&page={number}"
            response = self._fresh.pop(suffix, None) or self._get(
                suffix, max_bytes=MAX_BYTES, conditional=False
            )
            if response.status != 200:
                self.rejected = response
                return
            self.etags[suffix] = etag_of(response)
            yield response
            if 'rel="next"' not in response.headers.get("Link", ""):
                return

    def _completed(self, release: ReleaseCounters) -> ReleaseCounters:
        if len(release.assets) not in _PAGE_ENDS:
            return release
        assets: dict[int, AssetCounter] = {one.github_id: one for one in release.assets}
        for response in self._pages(f"{PREFIX}/{release.github_id}/assets"):
            assets |= {one.github_id: one for one in parse_assets(response.body)}
        # A release that was deleted since: its list as GitHub sent it.
        self.rejected = None
        return replace(release, assets=tuple(assets.values()))
