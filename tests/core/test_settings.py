"""Settings: wrong values are refused by name, and the README's table is complete."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def start(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` as an operator would start it."""
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestStart:
    def test_needs_no_variable(self, tmp_path: Path) -> None:
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
            ("DEMO", "2"),
            ("HTTPS", "y"),
            ("GITHUB_API_URL", "api.github.com"),
            ("GITHUB_TOKEN", "two words"),
            ("CREDENTIAL_KEYS", "short"),
        ],
    )
    def test_refuses_what_cannot_be_right_by_name(
        self, tmp_path: Path, name: str, value: str
    ) -> None:
        outcome = start(tmp_path, **{name: value})

        assert outcome.returncode != 0
        assert name in outcome.stderr
        assert "Traceback" not in outcome.stderr

    def test_refuses_a_data_dir_that_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        outcome = start(tmp_path, DATA_DIR=str(tmp_path / "file"))

        assert outcome.returncode != 0
        assert "DATA_DIR" in outcome.stderr
        assert "Traceback" not in outcome.stderr


def _variables_of_the_settings() -> set[str]:
    source = (PROJECT / "config" / "settings.py").read_text()
    return set(
        re.findall(
            r'env\.(?:text|header_text|flag|integer|words|rate|url)\(\s*"([A-Z0-9_]+)"', source
        )
    )


class TestReadme:
    def test_lists_every_variable_and_no_other(self) -> None:
        readme = (PROJECT / "README.md").read_text()
        table = re.findall(r"(?m)^\| `([A-Z0-9_]+)` \|", readme)

        assert sorted(table) == sorted(set(table))
        assert set(table) == _variables_of_the_settings()

    def test_no_other_module_reads_the_environment(self) -> None:
        readers = [
            str(path.relative_to(PROJECT))
            for folder in ("config", "games", "organizations", "playsessions", "repos", "users")
            for path in (PROJECT / folder).rglob("*.py")
            if re.search(r"os\.(environ|getenv)", path.read_text())
        ]

        assert set(readers) <= {"core/env.py", "config/wsgi.py"}
