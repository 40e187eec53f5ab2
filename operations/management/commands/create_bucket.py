from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Make the bucket S3_BUCKET, if it is not there yet."

    def handle(self, **options: Any) -> None:
        if not settings.S3_BUCKET:
            raise CommandError("S3_BUCKET is not set: pictures are kept in DATA_DIR.")
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # as boto3

        try:
            made = self._create(default_storage.connection.meta.client)  # type: ignore[attr-defined]  # S3Storage
        except (BotoCoreError, ClientError) as error:
            raise CommandError(
                f"The bucket {settings.S3_BUCKET} could not be made: {error}"
            ) from error
        self.stdout.write(
            f"The bucket {settings.S3_BUCKET} is {'made' if made else 'there already'}."
        )

    def _create(self, client: Any) -> bool:
        """False when it was there."""
        region = client.meta.region_name
        # Amazon's first region is the one that must not be named.
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        try:
            client.create_bucket(
                Bucket=settings.S3_BUCKET,
                **({"CreateBucketConfiguration": place} if place else {}),
            )
        except client.exceptions.BucketAlreadyOwnedByYou:
            return False
        return True
