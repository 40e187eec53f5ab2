"""`GET /users/stats` (requirement C4)."""

from itertools import chain
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.views import OpenView
from users.profiles.statistics import statistics_json

_COUNT = {"type": "integer", "minimum": 0}
_STATISTICS: dict[str, Any] = {
    "type": "object",
    "required": ["user_ids", "count_female", "count_male", "count_unspecified"],
    "properties": {
        "user_ids": {"type": "array", "items": {"type": "integer"}},
        "count_female": _COUNT,
        "count_male": _COUNT,
        "count_unspecified": _COUNT,
    },
    "example": {
        "user_ids": [1, 2, 3, 4],
        "count_female": 3,
        "count_male": 1,
        "count_unspecified": 0,
    },
}


@extend_schema(tags=["Accounts"])
class StatisticsView(OpenView):
    @extend_schema(
        operation_id="users_stats",
        summary="The ids of all users, and how many there are of each gender",
        responses={200: _STATISTICS},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        pieces = statistics_json()
        # The first statement runs before the answer begins: what fails then is a 503.
        start = [next(pieces), next(pieces)]
        return StreamingHttpResponse(chain(start, pieces), content_type="application/json")
