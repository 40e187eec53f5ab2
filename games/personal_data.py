"""What the export of one's own data tells of games."""

from core.personal_data import ExportedTable, export, leave_out

export(
    ExportedTable(
        member="games.csv",
        model="games.PlayedGame",
        columns={
            "game_id": "game_id",
            "game": "game__name",
            "plays": "plays",
            "seconds": "seconds",
            "last_played_at": "last_played_at",
        },
        order=("last_played_at", "pk"),
    )
)
leave_out("games.RecommendedGames", reason="Computed from the plays, again at any time.")
