"""Who may call what stands under `/api/`."""

from repos.authentication import ApiTokenAuthentication
from users.sessions.authentication import BearerAuthentication

# An `X-API-Token`, or the Bearer of a registered user.
TRAFFIC_AUTHENTICATION = (ApiTokenAuthentication, BearerAuthentication)
