"""The base of the views under `/api/`."""

from drf_spectacular.utils import extend_schema

from api.views import ApiView
from repos.authentication import ApiTokenAuthentication
from users.sessions.authentication import BearerAuthentication


@extend_schema(tags=["Traffic"])
class TrafficView(ApiView):
    """A call with an `X-API-Token`, or with the Bearer of a registered user."""

    authentication_classes = (ApiTokenAuthentication, BearerAuthentication)
