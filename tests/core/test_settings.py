"""Settings: wrong values are refused by name, and the README's table is complete."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.env import email, load_env_file, path
from tests.core.test_imports import PACKAGES, PROJECT
from tests.processes import answering_lines

ForkedStart = Callable[[dict[str, str]], tuple[int, str]]


def environment(tmp_path: Path, **variables: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), **variables}


def start(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` as an operator would start it."""
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env=environment(tmp_path, **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def forked_start() -> Iterator[ForkedStart]:
    """The same with the libraries loaded once: exit status and standard error of a start."""
    environment = {"PATH": os.environ["PATH"]}
    with answering_lines("tests.core.forked_starts", environment) as ask:

        def started(variables: dict[str, str]) -> tuple[int, str]:
            status, errors = json.loads(ask(json.dumps(variables)))
            return status, errors

        yield started


class TestStart:
    def test_start_needs_no_variable(self, tmp_path: Path) -> None:
        assert start(tmp_path).returncode == 0

        key = tmp_path / "data" / "secret_key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_text()) >= 50

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DEBUG", "maybe"),
            ("SECRET_KEY", "short"),
            ("JWT_SIGNING_KEYS", "short"),
            ("PORT", "0"),
            ("PORT", "http"),
            ("WEB_WORKERS", "-1"),
            ("TRUSTED_PROXIES", "many"),
            ("DATABASE_URL", "mysql://localhost/foyer"),
            ("REDIS_URL", "localhost:6379"),
            ("S3_BUCKET", "Not_A_Bucket"),
            ("S3_ENDPOINT_URL", "minio:9000"),
            ("EMAIL_URL", "http://mail"),
            ("RATE_LIMIT_LOGIN", "ten"),
            ("RATE_LIMIT_SIGNUP", "10/fortnight"),
            ("RATE_LIMIT_RESET", "0/minute"),
            ("EMAIL_VERIFICATION", "yes"),
            ("STAFF_SECOND_FACTOR", "on"),
            ("DEMO", "2"),
            ("HTTPS", "perhaps"),
            ("HSTS_SCOPE", "everything"),
            ("ALLOWED_HOSTS", "https://foyer.example.org"),
            ("ALLOWED_HOSTS", "foyer.example.org:8443"),
            ("ALLOWED_HOSTS", "foyer.example.org/"),
            ("ALLOWED_HOSTS", "fine.example,not fine"),
            ("ALLOWED_HOSTS", "b\u00fccher.example"),
            ("ALLOWED_HOSTS", "::1"),
            ("CORS_ALLOWED_ORIGINS", "*"),
            ("CORS_ALLOWED_ORIGINS", "app.example.org"),
            ("CORS_ALLOWED_ORIGINS", "https://app.example.org/"),
            ("CORS_ALLOWED_ORIGINS", "https://app.example.org,https://b.example.org/x"),
            ("CORS_ALLOWED_ORIGINS", "null"),
            ("EMAIL_URL", "smtp://host:port"),
            ("GITHUB_API_URL", "api.github.com"),
            ("GITHUB_TOKEN", "two words"),
            ("GITHUB_TOKEN_OWNERS", "ours,https://github.com/me"),
            ("GITHUB_TOKEN_OWNERS", "ours me"),
            ("CREDENTIAL_KEYS", "short"),
            ("DATABASE_URL", "postgresql://u:p/w@host/foyer"),
            ("DATABASE_URL", "sqlite://"),
            ("DATABASE_URL", "sqlite:////nowhere/foyer.sqlite3"),
            ("REDIS_URL", "redis://host:port/0"),
            ("GITHUB_API_URL", "https://"),
            ("S3_ENDPOINT_URL", "http://:9000"),
            ("SENTRY_DSN", "https://host/1"),
            ("EMAIL_FROM", "Foyer"),
            ("EMAIL_FROM", "Foyer <foyer@example.org>\nBcc: all@example.org"),
        ],
    )
    def test_start_refuses_what_cannot_be_right_by_name(
        self, forked_start: ForkedStart, tmp_path: Path, name: str, value: str
    ) -> None:
        status, errors = forked_start(environment(tmp_path, **{name: value}))

        assert status != 0
        assert name in errors
        assert "Traceback" not in errors

    @pytest.mark.parametrize(
        ("name", "value", "possible"),
        [
            ("DEBUG", "maybe", "true or false"),
            ("PORT", "70000", "from 1 to 65535"),
            ("WEB_WORKERS", "1.5", "from 1 to 64"),
            ("TRUSTED_PROXIES", "-1", "from 0 to 10"),
            ("HSTS_SCOPE", "all", "host or subdomains or preload"),
        ],
    )
    def test_start_tells_what_it_found_and_what_is_possible(
        self, forked_start: ForkedStart, tmp_path: Path, name: str, value: str, possible: str
    ) -> None:
        _, errors = forked_start(environment(tmp_path, **{name: value}))

        (sentence,) = errors.splitlines()
        assert sentence.startswith(f"Foyer cannot start: {name} must be ")
        assert possible in sentence
        assert repr(value) in sentence

    def test_start_takes_every_form_of_a_host(
        self, forked_start: ForkedStart, tmp_path: Path
    ) -> None:
        hosts = "foyer.example.org, .example.org,my_pc,xn--bcher-kva.example.,127.0.0.1,[::1],*"

        assert forked_start(environment(tmp_path, ALLOWED_HOSTS=hosts))[0] == 0

    @pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe"])
    def test_start_names_the_file_of_a_key_that_is_none(
        self, forked_start: ForkedStart, tmp_path: Path, content: bytes
    ) -> None:
        key = tmp_path / "data" / "secret_key"
        key.parent.mkdir()
        key.write_bytes(content)

        status, errors = forked_start(environment(tmp_path))

        assert status == 1
        (sentence,) = errors.splitlines()
        assert "SECRET_KEY" in sentence
        assert str(key) in sentence

    def test_a_relative_folder_begins_in_the_project(self, env_file: Path) -> None:
        os.environ["FOLDER"] = "data"

        assert path("FOLDER", default=Path("var"), base=PROJECT) == PROJECT / "data"
        assert path("OTHER", default=Path("var"), base=PROJECT) == PROJECT / "var"

    def test_start_refuses_a_data_dir_that_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        outcome = start(tmp_path, DATA_DIR=str(tmp_path / "file"))

        assert outcome.returncode != 0
        assert "DATA_DIR" in outcome.stderr
        assert "Traceback" not in outcome.stderr


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that a test may change, and the path of a file for it."""
    monkeypatch.setattr(os, "environ", {"ALREADY": "set"})
    return tmp_path / ".env"


class TestEnvFile:
    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("NAME=value", "value"),
            ("NAME = value", "value"),
            ("  NAME =  value  ", "value"),
            ("export NAME=value", "value"),
            ("\ufeffNAME=value", "value"),
            ("NAME=value\r\nOTHER=x", "value"),
            ("# a comment\n\nNAME=value # the value", "value"),
            ('NAME="two words"', "two words"),
            ("NAME='two words'", "two words"),
            ("NAME=p#ss=w0rd$HOME", "p#ss=w0rd$HOME"),
            ("NAME=first\nNAME=value", "value"),
            (
                "NAME = postgresql://foyer:pass@db/foyer?sslmode=require",
                "postgresql://foyer:pass@db/foyer?sslmode=require",
            ),
        ],
    )
    def test_env_file_reads_what_people_write(self, env_file: Path, line: str, value: str) -> None:
        env_file.write_bytes(line.encode())

        load_env_file(env_file)

        assert os.environ["NAME"] == value

    def test_the_environment_wins_over_it(self, env_file: Path) -> None:
        env_file.write_text("ALREADY=other\n")

        load_env_file(env_file)

        assert os.environ["ALREADY"] == "set"

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ('SECRET_KEY="hunter2', "(SECRET_KEY)"),
            ('SECRET_KEY="hunter2" hunter2', "(SECRET_KEY)"),
            ("DATABASE_URL postgresql://u:hunter2@db/x", "(DATABASE_URL)"),
            ("DATABASE_URL: hunter2", "(DATABASE_URL)"),
            ("GITHUB_TOKEN", ""),
            ("hunter2", ""),
            ("= hunter2", ""),
            ("SECRET_KEY=hunter2\0", "(SECRET_KEY)"),
        ],
    )
    def test_a_line_that_cannot_be_read_stops_the_start_without_its_value(
        self, env_file: Path, line: str, told: str
    ) -> None:
        env_file.write_text(f"DEMO=0\n\n{line}\n")

        with pytest.raises(ImproperlyConfigured) as stopped:
            load_env_file(env_file)

        assert f"line 3 of {env_file}" in str(stopped.value)
        assert told in str(stopped.value)
        assert "hunter2" not in str(stopped.value)

    def test_a_file_in_another_encoding_stops_the_start(self, env_file: Path) -> None:
        env_file.write_bytes("SECRET_KEY=hunter2".encode("utf-16"))

        with pytest.raises(ImproperlyConfigured, match="UTF-8") as stopped:
            load_env_file(env_file)

        assert "hunter2" not in str(stopped.value)


class TestMail:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
            (
                "smtp+tls://u%40x:p%2F1@mail:587",
                {"EMAIL_HOST_USER": "u@x", "EMAIL_HOST_PASSWORD": "p/1", "EMAIL_USE_TLS": True},
            ),
            ("smtps://mail", {"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False}),
            ("smtp+ssl://mail", {"EMAIL_USE_SSL": True, "EMAIL_PORT": 465}),
            ("smtp://mail:1025", {"EMAIL_HOST": "mail", "EMAIL_PORT": 1025}),
            ("filemail:////tmp/mails", {"EMAIL_FILE_PATH": "/tmp/mails"}),
        ],
    )
    def test_mail_is_sent_as_the_url_says(
        self, env_file: Path, url: str, expected: dict[str, object]
    ) -> None:
        os.environ["EMAIL_URL"] = url

        found = email("EMAIL_URL")

        assert {name: found[name] for name in expected} == expected


def _variables_of_the_settings() -> set[str]:
    source = (PROJECT / "config" / "settings.py").read_text()
    readers = r"(?:env\.str|flag|whole_number|path|sender|words|choice|url|rate|origins|host_names)"
    return set(re.findall(rf'\b{readers}\(\s*"([A-Z0-9_]+)"', source))


class TestReadme:
    def test_readme_lists_every_variable_and_no_other(self) -> None:
        readme = (PROJECT / "README.md").read_text()
        table = re.findall(r"(?m)^\| `([A-Z0-9_]+)` \|", readme)

        assert sorted(table) == sorted(set(table))
        assert set(table) == _variables_of_the_settings()

    def test_no_other_module_reads_the_environment(self) -> None:
        readers = [
            str(path.relative_to(PROJECT))
            for folder in PACKAGES
            for path in (PROJECT / folder).rglob("*.py")
            if re.search(r"os\.(environ|getenv)", path.read_text())
        ]

        assert set(readers) <= {"core/env.py", "config/wsgi.py", "operations/serving/supervisor.py"}
