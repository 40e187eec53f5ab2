"""Email addresses in canonical form, usernames without invisible characters around them.

Where two accounts turn out to have one mailbox or one name, neither is changed or merged: the log
names both, for an administrator to decide.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import migrations

from core.email_addresses import canonical_email, searchable_email
from core.text import clean_identifier, search_text

_log = logging.getLogger("foyer.users")
# Plain SQL, because the columns bring what is looked up into canonical form by themselves.
_OTHERS = {
    "email": "SELECT id FROM users_user WHERE email = %s AND id <> %s",
    "username": "SELECT id FROM users_user WHERE LOWER(username) = LOWER(%s) AND id <> %s",
}
_UPDATE = {
    "email": "UPDATE users_user SET email = %s WHERE id = %s",
    "username": "UPDATE users_user SET username = %s WHERE id = %s",
}
# Only these rows can differ: with a space, a capital in the address, or anything outside ASCII.
_MAY_DIFFER = {"email": r"[^!-~]|[A-Z]|xn--", "username": r"[^!-~]"}
_CLEAN: dict[str, Callable[[str], str]] = {"email": canonical_email, "username": clean_identifier}


def clean(apps: Any, schema_editor: Any) -> None:
    users = apps.get_model("users", "User").objects
    for column, pattern in _MAY_DIFFER.items():
        rows = users.filter(**{f"{column}__regex": pattern}).order_by("pk")
        for pk, old in list(rows.values_list("pk", column)):
            try:
                new = _CLEAN[column](old)
            except ValidationError as error:
                _log.warning("the %s of account %s: %s", column, pk, error.messages[0])
                continue
            if new != old or "xn--" in new:
                _store(users, schema_editor.connection, column, pk=pk, value=new)


def _store(users: Any, connection: Any, column: str, *, pk: int, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS[column], [value, pk])
        if other := cursor.fetchone():
            _log.warning(
                "accounts %s and %s have the same %s; account %s was left as it is:"
                " change or delete one of the two in the admin",
                *(other[0], pk, column, pk),
            )
            return
        cursor.execute(_UPDATE[column], [value, pk])
        columns = ("username", "email", "first_name", "last_name")
        username, email, *names = users.values_list(*columns).get(pk=pk)
        text = search_text(username, searchable_email(email), *names)
        cursor.execute("UPDATE users_user SET search_text = %s WHERE id = %s", [text, pk])


class Migration(migrations.Migration):
    dependencies = [("users", "0006_search_text")]

    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
