from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import ListPagination
from api.response_cache import cache_response
from api.views import ApiViewSet
from core.dates import next_day
from games.recommendations.serializers import RecommendedGameSerializer
from games.recommendations.services import Recommendation, recommendations_for
from games.selectors import games_by_id


@extend_schema(tags=["Games"])
class RecommendedGamesViewSet(ApiViewSet):
    serializer_class = RecommendedGameSerializer
    pagination_class = ListPagination
    ordering = ("rank",)

    @extend_schema(
        summary="Games for oneself, from what one has played",
        description="At most 100 games that one has not played, best first; filled up with games"
        " that are trending. Without a play these alone, those of the genres that one named in the"
        " field `genres` of one's `data` first (a list of names or ids).",
        responses=RecommendedGameSerializer(many=True),
    )
    # What fills up the lists depends on the day.
    @cache_response(expires=next_day)
    def list(self, request: Request) -> Response:
        user: Any = request.user
        found = recommendations_for(user_id=user.pk, data=user.data, today=timezone.now().date())
        ranked = [{"rank": rank, "found": each} for rank, each in enumerate(found)]
        page: Any = self.paginate_queryset(ranked)
        listed: list[Recommendation] = [row["found"] for row in page]
        games = games_by_id([each.game for each in listed])
        rows = [
            {**games[each.game], "because": each.because} for each in listed if each.game in games
        ]
        return self.get_paginated_response(RecommendedGameSerializer.represent(rows))
