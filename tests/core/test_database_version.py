"""The connection that watches for commits fails as Django's own connections do."""

import pytest
from django.db import DatabaseError

from core.db.version import rows_as_committed


@pytest.mark.django_db(transaction=True)
def test_a_query_that_fails_raises_what_django_raises() -> None:
    with pytest.raises(DatabaseError):
        rows_as_committed("SELECT nothing FROM nowhere")
