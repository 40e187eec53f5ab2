"""Pictures in a bucket of S3, or of a server that speaks its protocol."""

from typing import Any


def s3_storage(*, bucket: str, endpoint_url: str) -> dict[str, Any]:
    """For Django's STORAGES. Credentials and region come from the usual AWS_… variables; an empty
    `endpoint_url` means Amazon's own."""
    from botocore.config import Config  # noqa: PLC0415  # a package that only some operators need

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint_url or None,
            # Foyer serves the pictures itself: the bucket stays closed.
            "default_acl": None,
            "file_overwrite": False,
            # A store that is down costs a request seconds, not minutes.
            "client_config": Config(
                connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}
            ),
        },
    }
