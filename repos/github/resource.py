"""A thing of GitHub under a path that may move: GitHub redirects after a rename or a transfer."""

import re

from repos.github import exceptions
from repos.github.http_client import HttpClient
from repos.github.transport import Response

MAX_REDIRECTS = 3
_PERMANENT = frozenset({301, 308})


class Resource:
    """`prefix` is its present path; `forms` are the paths that it may be redirected to."""

    def __init__(self, http: HttpClient, prefix: str, *, forms: "re.Pattern[str]") -> None:
        self._http = http
        self._forms = forms
        self._budget = http.new_budget()
        self.prefix = prefix
        self.has_moved = False
        # Of the last response; another one than `prefix` behind a temporary redirect.
        self.answering_prefix = prefix

    def get(
        self,
        suffix: str = "",
        *,
        etag: str = "",
        attempts: int | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """`suffix` is below the prefix and may have a query. Follows redirects to the same suffix
        on the same server, whatever their body and whether or not they repeat the query. Raises
        GitHubError."""
        below, question_mark, query = suffix.partition("?")
        path = self.prefix + below
        for _ in range(MAX_REDIRECTS + 1):
            response = self._http.get(
                path + question_mark + query,
                budget=self._budget,
                etag=etag,
                attempts=attempts,
                max_bytes=max_bytes,
            )
            if not response.is_redirect:
                self.answering_prefix = path.removesuffix(below)
                return response
            path = self._followed(path, below, response)
        raise exceptions.redirected_in_circles()

    def _followed(self, path: str, below: str, response: Response) -> str:
        target = self._http.redirect_path(path, response)
        prefix = (target or "").removesuffix(below)
        if target is None or not target.endswith(below) or not self._forms.fullmatch(prefix):
            raise exceptions.redirected_elsewhere()
        if response.status in _PERMANENT:
            self.prefix = prefix
            self.has_moved = True
        return target
