"""Pictures in a bucket: the same calls against a real S3 server on this machine."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from PIL import Image
from pytest_django import Settings
from rest_framework.test import APIClient

from core.files.object_storage import s3_storage
from tests.conftest import ApiAs
from tests.factories import UserFactory

moto_server = pytest.importorskip("moto.server", reason="moto does not install on this Python")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture
def bucket(endpoint: str, settings: Settings) -> Iterator[object]:
    client = boto3.resource("s3", endpoint_url=endpoint)
    bucket = client.create_bucket(
        Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    settings.S3_BUCKET = "pictures"
    settings.STORAGES = settings.STORAGES | {
        "default": s3_storage(bucket="pictures", endpoint_url=endpoint)
    }
    yield bucket
    bucket.objects.all().delete()
    bucket.delete()


def a_picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (300, 100), "teal").save(file, "JPEG")
    file.seek(0)
    file.name = "me.jpg"
    return file


@pytest.mark.django_db(transaction=True)
def test_an_avatar_lives_and_dies_in_the_bucket(bucket: Any, api_as: ApiAs, api: APIClient) -> None:
    client = api_as(UserFactory.create())

    put = client.put("/users/me/avatar", {"avatar": a_picture()}, format="multipart")
    (stored,) = bucket.objects.all()
    got = api.get(urlsplit(put.json()["avatar"]).path)
    client.put("/users/me/avatar", {"avatar": a_picture()}, format="multipart")
    (successor,) = bucket.objects.all()
    client.delete("/users/me/avatar")

    assert put.status_code == 200
    assert got.status_code == 200
    assert Image.open(BytesIO(b"".join(got))).size == (200, 67)
    assert successor.key != stored.key
    assert not list(bucket.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_store_that_is_gone_is_not_the_clients_fault(
    bucket: Any, endpoint: str, settings: Settings, api_as: ApiAs, api: APIClient
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": s3_storage(bucket="pictures", endpoint_url="http://127.0.0.1:9")
    }
    client = api_as(UserFactory.create())

    put = client.put("/users/me/avatar", {"avatar": a_picture()}, format="multipart")

    assert put.status_code == 503
    assert client.get("/users/me").json()["avatar"] is None
    assert api.get("/readyz").status_code == 503
    assert api.get("/healthz").status_code == 200


def connections_of(server: socket.socket) -> int:
    """How many wait to be accepted."""
    server.setblocking(False)
    accepted = []
    with suppress(BlockingIOError):
        while True:
            accepted.append(server.accept()[0])
    for connection in accepted:
        connection.close()
    return len(accepted)


@pytest.mark.django_db
def test_a_store_that_says_nothing_is_asked_twice_and_for_two_seconds_each(
    bucket: Any, settings: Settings, api: APIClient
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        storage = s3_storage(bucket="pictures", endpoint_url=f"http://{host}:{port}")
        as_built = storage["OPTIONS"]["client_config"]
        # A tenth of it, as nothing else depends on how long it is.
        storage["OPTIONS"]["client_config"] = as_built.merge(Config(read_timeout=0.2))
        settings.STORAGES = settings.STORAGES | {"default": storage}

        started = time.monotonic()
        got = api.get(f"/avatars/{'0' * 32}.jpg")
        seconds = time.monotonic() - started

        attempts = connections_of(silent)
    assert got.status_code == 503
    assert attempts == 2
    assert as_built.read_timeout == 2
    assert seconds < 10  # it is the timeout that ended them
