"""Pictures in an S3-compatible storage instead of on the local disk."""

import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from core.env import require_package

# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 2


def s3_storage(*, bucket: str, endpoint_url: str) -> dict[str, Any]:
    """The default storage of Django's STORAGES. Credentials and region are found as every tool for
    S3 finds them: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`, a profile,
    the role of the machine."""
    if not _BUCKET_NAME.fullmatch(bucket):
        raise ImproperlyConfigured(
            "S3_BUCKET must be a bucket's name: 3 to 63 of the characters a-z 0-9 . -"
        )
    require_package("boto3", setting="S3_BUCKET")
    from botocore.config import Config  # noqa: PLC0415  # installed only where it is needed

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint_url or None,
            # Foyer serves the pictures itself: the bucket stays closed.
            "default_acl": None,
            "file_overwrite": False,
            "client_config": Config(
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                read_timeout=READ_TIMEOUT_SECONDS,
                retries={"total_max_attempts": 2, "mode": "standard"},
                # Servers of other makers rarely know a host name for each bucket, nor Amazon's
                # newer checksums.
                s3={"addressing_style": "path" if endpoint_url else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        },
    }
