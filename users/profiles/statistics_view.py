"""`GET /users/stats` (requirement C4)."""

from itertools import chain

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from api.views import OpenView
from users.profiles import schema
from users.profiles.statistics import statistics_json


@schema.statistics
class StatisticsView(OpenView):
    def get(self, request: Request) -> StreamingHttpResponse:
        pieces = statistics_json()
        # The first statement runs before the answer begins: what fails then is a 503.
        start = [next(pieces), next(pieces)]
        return StreamingHttpResponse(chain(start, pieces), content_type="application/json")
