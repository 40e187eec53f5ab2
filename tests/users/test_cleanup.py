from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import UserFactory
from tests.users.codes.issuing import issue_reset_code
from users.cleanup import delete_expired
from users.models import KnownIP, MailedCode, RateLimit, Session
from users.sessions.services import Device, open_session

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_deletes_what_is_over_and_nothing_else() -> None:
    now = timezone.now()
    user = UserFactory.create(email="ada@example.org")
    for opened_at in (now - 31 * DAY, now - 29 * DAY):
        open_session(user=user, device=Device(ip_address="192.0.2.1", user_agent=""), now=opened_at)
    issue_reset_code(email="ada@example.org", now=now - timedelta(minutes=21))
    issue_reset_code(email="eve@example.org", now=now - timedelta(minutes=19))
    for key, seconds in (("over", -1), ("present", 1)):
        ends_at_ms = int((now.timestamp() + seconds) * 1000)
        RateLimit.objects.create(key=key, count=1, ends_at_ms=ends_at_ms)

    assert delete_expired(now=now) == 3

    assert Session.objects.count() == 1
    assert MailedCode.objects.count() == 1
    assert RateLimit.objects.get().key == "present"
    assert KnownIP.objects.count() == 1
    delete_expired(now=now + 91 * DAY)
    assert not Session.objects.exists()
    assert not KnownIP.objects.exists()
