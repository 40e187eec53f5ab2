"""Uploading, serving, replacing and removing pictures (briefs A14, B7, C6)."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import UserFactory
from tests.users.avatars import sample_pictures as samples
from users.avatars import services as avatars
from users.models import User
from users.profiles.services import delete_user

pytestmark = pytest.mark.django_db
# Old files go after the commit, so there has to be one.
committing = pytest.mark.django_db(transaction=True)

PHOTO = samples.phone_photo(orientation=6)


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def put(client: APIClient, content: bytes = PHOTO, name: str = "me.jpg", **form: Any) -> Any:
    upload = SimpleUploadedFile(name, content)
    return client.put("/users/me/avatar", {"avatar": upload, **form}, format="multipart")


def stored_files() -> list[str]:
    return list(avatars.paths_in_storage())


class TestUpload:
    def test_upload_answers_the_full_user_with_the_address(
        self, api: APIClient, api_as: ApiAs, user: User
    ) -> None:
        answer = put(api_as(user))

        assert answer.status_code == 200
        assert answer.json() == api_as(user).get("/users/me").json()
        picture = api.get(answer.json()["avatar"])
        image = Image.open(io.BytesIO(picture.content))
        assert image.size == (200, 150)
        assert b"Secret" not in picture.content

    @pytest.mark.parametrize(
        "name", ["me.jpg", "../../etc/passwd", "me.php.png", "\u202egpj.exe", "x" * 300, "m\u00e9"]
    )
    def test_upload_gives_a_name_of_its_own(self, api_as: ApiAs, user: User, name: str) -> None:
        url = put(api_as(user), name=name).json()["avatar"]

        file_name = url.removeprefix("http://testserver/avatars/")
        stem, _, extension = file_name.partition(".")
        assert stem.isascii()
        assert stem.isalnum()
        assert len(stem) == 32
        assert extension == "jpg"
        assert stored_files() == [f"avatars/{stem[:2]}/{stem[2:4]}/{file_name}"]

    @committing
    def test_upload_replaces_and_removes_the_old_file(
        self, api: APIClient, api_as: ApiAs, user: User
    ) -> None:
        old = put(api_as(user)).json()["avatar"]

        new = put(api_as(user), samples.encoded(samples.with_alpha(), "PNG")).json()["avatar"]

        assert new.endswith(".png")
        assert len(stored_files()) == 1
        assert [api.get(old).status_code, api.get(new).status_code] == [404, 200]

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"avatar": ""},
            {"avatar": "text"},
            {"avatar": SimpleUploadedFile("me.jpg", b"")},
            {"avatar": SimpleUploadedFile("me.jpg", b"GIF89a")},
            {"avatar": SimpleUploadedFile("me.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")},
            {"avatar": SimpleUploadedFile("me.png", samples.png_of(9_999, 9_999))},
        ],
    )
    def test_upload_refuses_what_is_no_picture_and_keeps_the_old_one(
        self, api_as: ApiAs, user: User, form: dict[str, Any]
    ) -> None:
        client = api_as(user)
        put(client)
        before = stored_files()

        answer = client.put("/users/me/avatar", form, format="multipart")

        assert answer.status_code == 400
        assert [error["attr"] for error in answer.json()["errors"]] == ["avatar"]
        assert stored_files() == before

    def test_upload_refuses_other_media_types(self, api_as: ApiAs, user: User) -> None:
        client = api_as(user)

        assert client.put("/users/me/avatar", {"avatar": "x"}).status_code == 415
        raw = client.put("/users/me/avatar", PHOTO, content_type="image/jpeg")
        assert raw.status_code == 415

    def test_upload_takes_10_mebibytes_and_refuses_a_byte_more(
        self, api_as: ApiAs, user: User
    ) -> None:
        limit = 10 * 1024 * 1024

        fits = put(api_as(user), PHOTO + bytes(limit - len(PHOTO)))
        one_more = put(api_as(user), PHOTO + bytes(limit - len(PHOTO) + 1))

        assert fits.status_code == 200
        assert one_more.status_code == 413
        assert one_more.json()["error"] == "The file is larger than 10 MiB."
        by_length = put(api_as(user), bytes(limit + 2 * 1024 * 1024))
        assert by_length.status_code == 413
        assert by_length.json() == one_more.json()
        assert len(stored_files()) == 1

    def test_upload_says_so_when_the_storage_is_down(
        self, api_as: ApiAs, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(InMemoryStorage, "_save", _broken)
        monkeypatch.setattr(default_storage, "_wrapped", InMemoryStorage())

        answer = put(api_as(user))

        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert not User.objects.get().avatar


def _broken(*_: object, **__: object) -> str:
    raise RuntimeError("the bucket is gone")


@committing
class TestRemoval:
    def test_removal_is_204_with_and_without_a_picture(self, api_as: ApiAs, user: User) -> None:
        client = api_as(user)
        put(client)

        assert client.delete("/users/me/avatar").status_code == 204
        assert client.delete("/users/me/avatar").status_code == 204

        assert client.get("/users/me").json()["avatar"] is None
        assert stored_files() == []

    @pytest.mark.parametrize("path", ["/users/me", "/users/{id}", "/user/{username}"])
    def test_removal_comes_with_the_deletion_of_the_user(
        self, api_as: ApiAs, user: User, path: str
    ) -> None:
        client = api_as(user)
        put(client)

        client.delete(path.format(id=user.pk, username=user.username))

        assert stored_files() == []

    def test_removal_waits_for_the_commit(self, api_as: ApiAs, user: User) -> None:
        put(api_as(user))
        before = stored_files()

        with transaction.atomic():
            delete_user(user=user)
            transaction.set_rollback(True)

        assert stored_files() == before
        assert User.objects.get().avatar.name == before[0]

    def test_that_fails_disturbs_nobody(
        self, api_as: ApiAs, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(api_as(user))
        monkeypatch.setattr("django.core.files.storage.FileSystemStorage.delete", _broken)

        assert api_as(user).delete("/users/me/avatar").status_code == 204


class TestServing:
    def test_serving_is_for_everyone_and_for_good(
        self, api: APIClient, api_as: ApiAs, user: User
    ) -> None:
        url = put(api_as(user)).json()["avatar"]
        api.credentials(HTTP_AUTHORIZATION="Bearer nonsense")

        answer = api.get(url)

        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert int(answer["Content-Length"]) == len(answer.content)
        assert "Set-Cookie" not in answer

    def test_serving_answers_304_to_who_has_it(
        self, api: APIClient, api_as: ApiAs, user: User
    ) -> None:
        url = put(api_as(user)).json()["avatar"]
        etag = api.get(url)["ETag"]

        answer = api.get(url, HTTP_IF_NONE_MATCH=etag)

        assert answer.status_code == 304
        assert answer.content == b""
        assert answer["ETag"] == etag
        assert api.get(url, HTTP_IF_NONE_MATCH='"other"').status_code == 200

    def test_serving_answers_head_and_options(
        self, api: APIClient, api_as: ApiAs, user: User
    ) -> None:
        url = put(api_as(user)).json()["avatar"]

        head = api.head(url)

        assert (head.status_code, head.content) == (200, b"")
        assert int(head["Content-Length"]) > 0
        options = api.options(url)
        assert options.status_code == 200
        assert options["Allow"] == "GET, HEAD, OPTIONS"

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_serving_refuses_other_methods(self, api: APIClient, method: str) -> None:
        answer = getattr(api, method)(f"/avatars/{'0' * 32}.jpg")

        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
        assert isinstance(answer.json()["error"], str)

    @pytest.mark.parametrize(
        "name",
        [
            f"{'0' * 32}.jpg",
            f"{'0' * 32}.gif",
            f"{'0' * 32}",
            f"{'0' * 32}.jpg%0a",
            f"{'0' * 32}.jpg%00",
            "..%2f..%2fsecret_key",
            "../secret_key",
            "....//secret_key",
            "%2e%2e/secret_key",
            "aa/bb/" + "0" * 32 + ".jpg",
            "a" * 5_000,
            "\u0660" * 32 + ".jpg",
            "",
        ],
    )
    def test_serving_knows_no_other_names(self, api: APIClient, name: str) -> None:
        answer = api.get(f"/avatars/{name}")

        assert answer.status_code == 404
        assert isinstance(answer.json()["error"], str)

    @committing
    def test_serving_works_with_any_storage(
        self, api: APIClient, api_as: ApiAs, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(default_storage, "_wrapped", InMemoryStorage())

        url = put(api_as(user)).json()["avatar"]

        assert api.get(url).status_code == 200
        assert api_as(user).delete("/users/me/avatar").status_code == 204
        assert api.get(url).status_code == 404

    def test_serving_says_so_when_the_storage_is_down(
        self, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django.core.files.storage.FileSystemStorage._open", _broken)

        answer = api.get(f"/avatars/{'0' * 32}.jpg")

        assert answer.status_code == 503
        assert "bucket" not in answer.content.decode()


class TestOrphans:
    def test_orphans_are_listed_and_removed_on_demand(
        self, api_as: ApiAs, user: User, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put(api_as(user))
        owned = stored_files()
        orphan = avatars.path_in_storage("0" * 32 + ".jpg")
        default_storage.save(orphan, ContentFile(b"x"))

        call_command("orphaned_avatars", "--older-than-minutes", "0")
        assert capsys.readouterr().out.splitlines() == [orphan, "1 orphaned picture."]
        assert len(stored_files()) == 2

        call_command("orphaned_avatars", "--older-than-minutes", "0", "--delete")
        assert capsys.readouterr().out.splitlines() == [orphan, "1 orphaned picture, deleted."]
        assert stored_files() == owned

    @pytest.mark.parametrize("minutes", ["-1", "99999999999999"])
    def test_a_time_that_cannot_be_is_rejected(self, minutes: str) -> None:
        with pytest.raises(CommandError, match="--older-than-minutes"):
            call_command("orphaned_avatars", "--older-than-minutes", minutes)

    def test_orphans_are_left_alone_while_an_upload_may_be_under_way(self) -> None:
        default_storage.save(avatars.path_in_storage("0" * 32 + ".jpg"), ContentFile(b"x"))
        now = timezone.now()

        assert list(avatars.orphaned_files(before=now - timedelta(hours=1))) == []
        assert len(list(avatars.orphaned_files(before=now + timedelta(hours=1)))) == 1
