"""An account under lock, for whatever reads it, decides and writes."""

from core.exceptions import NotFound
from users.models import User


class AccountDeleted(NotFound):
    message = "This account has been deleted."


def lock_account(user_id: int) -> User:
    """The account as it is now; nobody else changes or deletes it until the transaction ends. (On
    SQLite a transaction is the only writer anyway.) Raises AccountDeleted.

    Whoever changes a row of an account and adds another one calls this first: adding waits for who
    deletes the account, and that one would wait for the changed row.
    """
    account = User.objects.select_for_update().filter(pk=user_id).first()
    if account is None:
        raise AccountDeleted
    return account
