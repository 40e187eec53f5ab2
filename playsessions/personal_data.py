"""What the export of one's own data tells of plays."""

from core.personal_data import ExportedTable, export, leave_out

export(
    ExportedTable(
        member="plays.csv",
        model="playsessions.PlaySession",
        columns={
            "id": "pk",
            "game_id": "game_id",
            "game": "game__name",
            "created_at": "created_at",
            "last_seen_at": "last_seen_at",
            "ended_at": "ended_at",
            "idempotency_key": "idempotency_key",
        },
        order=("created_at", "pk"),
    )
)
leave_out("playsessions.LastPlay", reason="A copy of the newest row in plays.csv.")
