"""How many of which gender (requirement C4), for any number of accounts."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from users.models import Gender, User

ROWS_PER_PIECE = 20_000

# The database makes the text of the ids: a hundred pieces instead of a million Python numbers.
_JOINED_IDS = {
    "sqlite": "group_concat(id)",
    "postgresql": "string_agg(id::text, ',' ORDER BY id)",
}


def statistics_json() -> Iterator[str]:
    """`{"user_ids", "count_female", "count_male", "count_unspecified"}` piece by piece.

    Ids and counts of a piece come from one statement, so they add up whatever is signed up or
    deleted meanwhile, and nothing has to be locked or held in memory.
    """
    counts = dict.fromkeys(Gender, 0)
    separator, last_id = "", 0
    yield '{"user_ids":['
    while (piece := _chunk_after(last_id))[0]:
        rows, female, male, last_id, ids = piece
        counts[Gender.FEMALE] += female
        counts[Gender.MALE] += male
        counts[Gender.UNSPECIFIED] += rows - female - male
        yield separator + ids
        separator = ","
    yield "]"
    for gender, count in counts.items():
        yield f',"count_{gender}":{count}'
    yield "}"


def _chunk_after(last_id: int) -> tuple[Any, ...]:
    """Rows, women, men, last id and the ids as text, of the accounts after `last_id`; read from the
    index users_id_gender alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT COUNT(*), SUM(CASE WHEN gender = %s THEN 1 ELSE 0 END),
                   SUM(CASE WHEN gender = %s THEN 1 ELSE 0 END), MAX(id),
                   {_JOINED_IDS[connection.vendor]}
            FROM (SELECT id, gender FROM {User._meta.db_table}
                  WHERE id > %s ORDER BY id LIMIT {ROWS_PER_PIECE}) AS piece
            """,  # noqa: S608  # nothing in it comes from outside
            [Gender.FEMALE, Gender.MALE, last_id],
        )
        piece: tuple[Any, ...] = cursor.fetchone()
    return piece
