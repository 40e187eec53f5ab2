"""What goes in and out of the traffic API; each serializer works in one direction."""

from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import StrictDateField, TextField
from api.request_serializer import RequestSerializer
from core.text import strip_invisible
from repos.models import FollowedOwner, Note, TrackedRepository
from repos.models.note import NOTE_LENGTH
from repos.models.token import TOKEN_PATTERN
from users.profiles.fields import EmailAddressField


class EmailSignUpSerializer(RequestSerializer):
    email = EmailAddressField()


class RepositoryCreateSerializer(serializers.Serializer[Any]):
    # Not trimmed and not measured: the service looks at the text as it came.
    url = TextField(trim_whitespace=False)


class GitHubCredentialSerializer(serializers.Serializer[Any]):
    # The service cleans it: people paste line breaks, quotes and NAME= with it.
    token = TextField(max_length=1000, allow_null=True, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.RegexField(
        f"^{TOKEN_PATTERN}$", help_text="32 hex digits, shown this once."
    )


class ShareTokenSerializer(TokenSerializer):
    url = serializers.URLField(help_text="The page with the charts of all repositories.")


class RepositoryIdSerializer(serializers.ModelSerializer[TrackedRepository]):
    id = serializers.UUIDField(source="uuid")

    class Meta:
        model = TrackedRepository
        fields: tuple[str, ...] = ("id",)
        read_only_fields: tuple[str, ...] = fields


class RepositorySerializer(RepositoryIdSerializer):
    class Meta(RepositoryIdSerializer.Meta):
        fields = ("id", "url", "created_at")
        read_only_fields = fields


class DaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="A day in UTC that a fetch or an import covered.")
    views = serializers.IntegerField(min_value=0, allow_null=True, help_text="Null: not known.")
    unique_visitors = serializers.IntegerField(min_value=0, allow_null=True)
    clones = serializers.IntegerField(min_value=0, allow_null=True)
    unique_cloners = serializers.IntegerField(min_value=0, allow_null=True)
    complete = serializers.BooleanField(help_text="False: the figures may still be too low.")


class LastFourteenDaysSerializer(serializers.Serializer[Any]):
    """GitHub's own totals: each person is counted once over the 14 days."""

    views = serializers.IntegerField(allow_null=True)
    unique_visitors = serializers.IntegerField(allow_null=True)
    clones = serializers.IntegerField(allow_null=True)
    unique_cloners = serializers.IntegerField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)


class ReferrerSerializer(serializers.Serializer[Any]):
    referrer = serializers.CharField()
    views = serializers.IntegerField(min_value=0)
    unique_visitors = serializers.IntegerField(min_value=0)


class VisitedPathSerializer(serializers.Serializer[Any]):
    path = serializers.CharField()
    title = serializers.CharField()
    views = serializers.IntegerField(min_value=0)
    unique_visitors = serializers.IntegerField(min_value=0)


class GrowthSerializer(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="The figures are those of the day's last fetch (UTC).")
    stars = serializers.IntegerField(min_value=0, allow_null=True)
    forks = serializers.IntegerField(min_value=0, allow_null=True)
    watchers = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="GitHub's subscribers_count."
    )
    open_issues = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="Open pull requests included."
    )


class WeekSerializer(serializers.Serializer[Any]):
    """GitHub's own weekly figures: each person is counted once a week."""

    week = serializers.DateField(help_text="Its Monday (UTC).")
    views = serializers.IntegerField(min_value=0, allow_null=True)
    unique_visitors = serializers.IntegerField(min_value=0, allow_null=True)
    clones = serializers.IntegerField(min_value=0, allow_null=True)
    unique_cloners = serializers.IntegerField(min_value=0, allow_null=True)


class DownloadDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="The day (UTC) of the fetch that saw them.")
    downloads = serializers.IntegerField(
        min_value=0, help_text="By how much the counters of all assets have grown."
    )


class ReleaseSerializer(serializers.Serializer[Any]):
    tag = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    published_at = serializers.DateTimeField()
    downloads = serializers.IntegerField(min_value=0, help_text="The sum of its assets' counters.")


class RepositoryTrafficSerializer(serializers.Serializer[Any]):
    """Everything that is known of one repository."""

    id = serializers.UUIDField()
    url = serializers.URLField()
    created_at = serializers.DateTimeField()
    traffic = DaySerializer(many=True)
    last_14_days = LastFourteenDaysSerializer()
    referrers = ReferrerSerializer(many=True)
    paths = VisitedPathSerializer(many=True)
    last_fetched_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(
        allow_null=True, help_text="What is wrong with the fetching, and what to do."
    )
    growth = GrowthSerializer(many=True)
    weeks = WeekSerializer(many=True)
    downloads = DownloadDaySerializer(many=True)
    releases = ReleaseSerializer(many=True)
    archived = serializers.BooleanField(help_text="Read-only on GitHub.")
    credential_expires_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When your GitHub token expires. Null: it does not, or the server's is used.",
    )


class ImportQuerySerializer(serializers.Serializer[Any]):
    """Read by `repos.services.importing`, not by this serializer."""

    repository = serializers.CharField(
        required=False,
        help_text=(
            "`owner/name` whose rows are taken from a file of several repositories; by default"
            " those of the repository itself."
        ),
    )


class ImportedFileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Of the file; within a zip its path.")
    format = serializers.CharField(help_text="The keeper that wrote it, found by the content.")
    days = serializers.IntegerField(min_value=0)
    weeks = serializers.IntegerField(min_value=0)


class ImportedSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=0, help_text="Distinct days in all files.")
    weeks = serializers.IntegerField(min_value=0, help_text="Distinct weeks in all files.")
    files = ImportedFileSerializer(many=True)


class ImportFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class BadgeSerializer(serializers.Serializer[Any]):
    token = serializers.RegexField(
        f"^{TOKEN_PATTERN}$", help_text="Opens the badges, nothing else."
    )
    svg = serializers.URLField(help_text="The badge of the views.")
    json = serializers.URLField(help_text="The same for shields.io's endpoint badge.")
    markdown = serializers.CharField(help_text="An image for a README.")


def _require_visible(text: str) -> None:
    if not strip_invisible(text):
        raise serializers.ValidationError("Write something that can be seen.", code="blank")


class NoteCreateSerializer(serializers.Serializer[Any]):
    date = StrictDateField(help_text="The day (UTC) that is marked.")
    text = TextField(
        max_length=NOTE_LENGTH,
        validators=[
            RegexValidator(
                r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z",
                "A note is one line without control characters.",
            ),
            _require_visible,
        ],
    )


class NoteIdSerializer(serializers.ModelSerializer[Note]):
    class Meta:
        model = Note
        fields: tuple[str, ...] = ("id",)


class NoteSerializer(NoteIdSerializer):
    class Meta(NoteIdSerializer.Meta):
        fields = ("id", "date", "text")


class PopularDaySerializer(serializers.Serializer[Any]):
    """GitHub's figures of 14 days, as of the date."""

    date = serializers.DateField()
    views = serializers.IntegerField(min_value=0)
    unique_visitors = serializers.IntegerField(min_value=0)


class ReferrerOverTimeSerializer(serializers.Serializer[Any]):
    referrer = serializers.CharField()
    days = PopularDaySerializer(many=True)


class PathOverTimeSerializer(serializers.Serializer[Any]):
    path = serializers.CharField()
    title = serializers.CharField()
    days = PopularDaySerializer(many=True)


class TotalDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    views = serializers.IntegerField(min_value=0, allow_null=True)
    clones = serializers.IntegerField(min_value=0, allow_null=True)
    repositories = serializers.IntegerField(min_value=1, help_text="Those that have the day.")


class TotalOfLastDaysSerializer(serializers.Serializer[Any]):
    """Sums of GitHub's own figures."""

    views = serializers.IntegerField(min_value=0, allow_null=True)
    clones = serializers.IntegerField(min_value=0, allow_null=True)


class TotalTrafficSerializer(serializers.Serializer[Any]):
    traffic = TotalDaySerializer(many=True)
    last_14_days = TotalOfLastDaysSerializer()


class OwnerCreateSerializer(serializers.Serializer[Any]):
    url = TextField(trim_whitespace=False)
    forks = serializers.BooleanField(default=False, help_text="Whether to follow forks too.")


class OwnerIdSerializer(serializers.ModelSerializer[FollowedOwner]):
    id = serializers.UUIDField(source="uuid")

    class Meta:
        model = FollowedOwner
        fields: tuple[str, ...] = ("id",)
        read_only_fields: tuple[str, ...] = fields


class OwnerSerializer(OwnerIdSerializer):
    last_error = serializers.SerializerMethodField()

    class Meta(OwnerIdSerializer.Meta):
        fields = ("id", "url", "forks", "created_at", "last_read_at", "last_error")
        read_only_fields = fields

    @extend_schema_field(
        serializers.CharField(allow_null=True, help_text="Why its list could not be read.")
    )
    def get_last_error(self, owner: FollowedOwner) -> str | None:
        return owner.last_error or None


class AlertsSerializer(serializers.Serializer[Any]):
    email = serializers.BooleanField(help_text="Whether to mail before traffic is lost.")
