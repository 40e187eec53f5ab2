import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("repos", "0004_tracked_repository"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertPreference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="DownloadDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("downloads", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="FollowedOwner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("login", models.CharField(max_length=80)),
                ("key", models.CharField(help_text="The login in lower case.", max_length=80)),
                (
                    "forks",
                    models.BooleanField(default=False, help_text="Whether forks are followed too."),
                ),
                ("created_at", models.DateTimeField()),
                ("last_read_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("github_id", models.BigIntegerField()),
                ("tag", models.CharField(max_length=255)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("published_at", models.DateTimeField()),
                ("downloads", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ReleaseAsset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("github_id", models.BigIntegerField()),
                ("downloads", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="RepositoryFacts",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("stars", models.PositiveBigIntegerField(blank=True, null=True)),
                ("forks", models.PositiveBigIntegerField(blank=True, null=True)),
                ("watchers", models.PositiveBigIntegerField(blank=True, null=True)),
                ("open_issues", models.PositiveBigIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "growth",
                "verbose_name_plural": "growth",
            },
        ),
        migrations.CreateModel(
            name="SentAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("credential_expires", "the GitHub token expires"),
                            ("fetches_fail", "three daily fetches failed"),
                            ("days_lost", "days will be lost"),
                        ],
                        max_length=18,
                    ),
                ),
                ("sent_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="TrafficWeek",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.DateField(help_text="Its Monday (UTC).")),
                ("views", models.PositiveBigIntegerField(blank=True, null=True)),
                ("unique_visitors", models.PositiveBigIntegerField(blank=True, null=True)),
                ("clones", models.PositiveBigIntegerField(blank=True, null=True)),
                ("unique_cloners", models.PositiveBigIntegerField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="UnfollowedRepository",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(help_text="owner/name in lower case", max_length=181)),
                ("github_id", models.BigIntegerField(blank=True, null=True)),
            ],
        ),
        migrations.AlterModelOptions(
            name="trackedrepository",
            options={"verbose_name": "repository", "verbose_name_plural": "repositories"},
        ),
        migrations.RemoveConstraint(
            model_name="trackedrepository",
            name="repos_once_per_user",
        ),
        migrations.AddField(
            model_name="githubcredential",
            name="expires_at",
            field=models.DateTimeField(
                blank=True, help_text="As GitHub said with its last response.", null=True
            ),
        ),
        migrations.AddField(
            model_name="trackedrepository",
            name="archived",
            field=models.BooleanField(default=False, help_text="Read-only on GitHub."),
        ),
        migrations.AddField(
            model_name="trackedrepository",
            name="failed_days",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="trackedrepository",
            name="last_failed_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="trackedrepository",
            name="replaced_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When GitHub was seen to use the name for another repository. Never fetched again; the history stays, and the name can be followed again.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="trackedrepository",
            index=models.Index(fields=["user", "created_at"], name="repos_of_user"),
        ),
        migrations.AddConstraint(
            model_name="trackedrepository",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_at__isnull", True)),
                fields=("user", "key"),
                name="repos_once_per_user",
                violation_error_code="repository_exists",
                violation_error_message="You follow this repository already.",
            ),
        ),
        migrations.AddField(
            model_name="alertpreference",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alert_preference",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="downloadday",
            name="repository",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="download_days",
                to="repos.trackedrepository",
            ),
        ),
        migrations.AddField(
            model_name="followedowner",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="followed_owners",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="repository",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="releases",
                to="repos.trackedrepository",
            ),
        ),
        migrations.AddField(
            model_name="releaseasset",
            name="repository",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="assets",
                to="repos.trackedrepository",
            ),
        ),
        migrations.AddField(
            model_name="repositoryfacts",
            name="repository",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="facts",
                to="repos.trackedrepository",
            ),
        ),
        migrations.AddField(
            model_name="sentalert",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sent_alerts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="trafficweek",
            name="repository",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="weeks",
                to="repos.trackedrepository",
            ),
        ),
        migrations.AddField(
            model_name="unfollowedrepository",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="unfollowed",
                to="repos.followedowner",
            ),
        ),
        migrations.AddConstraint(
            model_name="downloadday",
            constraint=models.UniqueConstraint(
                fields=("repository", "date"), name="repos_one_row_of_downloads_per_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="followedowner",
            constraint=models.UniqueConstraint(
                fields=("user", "key"),
                name="repos_owner_once_per_user",
                violation_error_code="owner_exists",
                violation_error_message="You follow this owner already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                fields=("repository", "github_id"), name="repos_release_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="releaseasset",
            constraint=models.UniqueConstraint(
                fields=("repository", "github_id"), name="repos_asset_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="repositoryfacts",
            constraint=models.UniqueConstraint(
                fields=("repository", "date"), name="repos_one_row_of_facts_per_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="sentalert",
            constraint=models.UniqueConstraint(
                fields=("user", "cause"), name="repos_one_alert_per_cause"
            ),
        ),
        migrations.AddConstraint(
            model_name="trafficweek",
            constraint=models.UniqueConstraint(
                fields=("repository", "week"), name="repos_one_row_per_week"
            ),
        ),
        migrations.AddConstraint(
            model_name="unfollowedrepository",
            constraint=models.UniqueConstraint(
                fields=("owner", "key"), name="repos_unfollowed_once"
            ),
        ),
    ]
