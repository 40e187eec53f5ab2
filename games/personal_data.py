"""What the export of one's own data holds of games."""

from core.personal_data import ExportedTable, export

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
export(
    ExportedTable(
        member="recommended_games.json",
        model="games.RecommendedGames",
        columns={"game_and_because": "suggestions"},
    )
)
