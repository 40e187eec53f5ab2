"""The two installations that are put under chaos."""

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from benchmarks.chaos.programs import PROJECT, Program, RedisProgram, WebProgram, manage

NO_GITHUB = "http://127.0.0.1:9"


@dataclass
class Installation:
    webs: list[WebProgram]
    # What one kill takes away: programs of their own, or all at once.
    victims: list[list[Program]]
    environment: dict[str, str]
    database_size: Callable[[], int]  # in bytes, without the WAL of SQLite
    redis: RedisProgram | None = None
    programs: list[Program] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            if self.redis:
                self.redis.start()
            subprocess.run(manage("setup"), cwd=PROJECT, env=self.environment, check=True)
            for program in self.programs:
                program.start()
            yield
        finally:
            for program in [*self.programs, *([self.redis] if self.redis else [])]:
                program.kill()


def _environment(folder: Path, **variables: str) -> dict[str, str]:
    limits = {f"RATE_LIMIT_{name}": "off" for name in ("LOGIN", "SIGNUP", "RESET")}
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "DEMO": "1",
        # Nobody is there: fetches fail, which is work for the background worker all the same.
        "GITHUB_API_URL": NO_GITHUB,
        "GITHUB_TOKEN": "ghp_chaos",
        "EMAIL_URL": f"filemail:///{folder / 'mails'}",
        **limits,
        **variables,
    }


@contextmanager
def on_postgresql(
    folder: Path, server_url: str, *, github_url: str = NO_GITHUB
) -> Iterator[Installation]:
    """Two web processes and a worker, killed one at a time, with a Redis of their own."""
    import psycopg  # noqa: PLC0415  # not there where Foyer runs on SQLite

    server = urlsplit(server_url)
    name = f"foyer_chaos_{secrets.token_hex(4)}"
    with psycopg.connect(
        urlunsplit(server._replace(path="/postgres")), autocommit=True
    ) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            redis = RedisProgram(log=folder / "redis.log")
            environment = _environment(
                folder,
                DATABASE_URL=urlunsplit(server._replace(path=f"/{name}")),
                REDIS_URL=redis.url,
                WEB_WORKERS="1",
                GITHUB_API_URL=github_url,
            )
            webs = [
                WebProgram(f"web {n}", manage("run_web"), environment, log=folder / f"web{n}.log")
                for n in (1, 2)
            ]
            worker = Program("worker", manage("run_worker"), environment, log=folder / "worker.log")
            yield Installation(
                webs=webs,
                victims=[[webs[0]], [worker], [webs[1]]],
                environment=environment,
                database_size=lambda: connection.execute(  # type: ignore[index]  # one row
                    "SELECT pg_database_size(%s)", [name]
                ).fetchone()[0],
                redis=redis,
                programs=[*webs, worker],
            )
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def on_sqlite(folder: Path, *, github_url: str = NO_GITHUB) -> Iterator[Installation]:
    """What `make run` starts, killed as a whole."""
    environment = _environment(folder, GITHUB_API_URL=github_url)
    web = WebProgram("everything", manage("runall"), environment, log=folder / "serve.log")
    yield Installation(
        webs=[web],
        victims=[[web]],
        environment=environment,
        database_size=lambda: (folder / "foyer.sqlite3").stat().st_size,
        programs=[web],
    )
