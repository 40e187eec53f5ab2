"""What each person played, which games are similar, and what is recommended to whom."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("games", "0004_unique_names_and_orders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RecommendedGames",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="recommended_games",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("suggestions", models.JSONField()),
                ("played_count", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name_plural": "recommended games",
            },
        ),
        migrations.CreateModel(
            name="SimilarGames",
            fields=[
                (
                    "game",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="similar_games",
                        serialize=False,
                        to="games.game",
                    ),
                ),
                ("neighbours", models.JSONField()),
            ],
            options={
                "verbose_name_plural": "similar games",
            },
        ),
        migrations.CreateModel(
            name="PlayedGame",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("plays", models.PositiveBigIntegerField()),
                ("seconds", models.PositiveBigIntegerField(default=0)),
                ("last_played_at", models.DateTimeField()),
                (
                    "game",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="played_by",
                        to="games.game",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="played_games",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["user", "last_played_at", "id"], name="games_playedgame_newest"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "game"), name="games_playedgame_one_per_game"
                    )
                ],
            },
        ),
    ]
