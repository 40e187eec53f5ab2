"""What does a list cost that no cache has? `python -m benchmarks.uncached_lists [OTHER_CHECKOUT]`.

The first and the second page of each list, of 100 rows, from the application itself, without a
server: before each call another connection commits something, as others do on a busy day. With
another checkout, which has its packages in `.venv`, both take turns. The median of the processor
times counts. SQLite, in temporary folders, with 200,000 plays.
"""

import io
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
PLAYS, ORGANIZATIONS, ROUNDS, CALLS = 200_000, 150, 15, 20
# Of a player, but for those of staff.
PATHS = ("/games", "/genres", "/playsessions", "/organizations")
STAFF_PATHS = ("/users", "/users/lastplayed", "/playsessions")


def main(*others: str) -> None:
    # The child runs in a checkout that may not have it.
    from benchmarks.children import ask, start_child  # noqa: PLC0415

    checkouts = [PROJECT, *map(Path, others)]
    with tempfile.TemporaryDirectory(prefix="foyer-bench-") as folder:
        children = [
            start_child(
                [__file__, "--child"], checkout=checkout, data_dir=Path(folder) / str(number)
            )
            for number, checkout in enumerate(checkouts)
        ]
        try:
            times = [defaultdict[str, list[float]](list) for _ in children]
            for _ in range(ROUNDS):
                for child, of_child in zip(children, times, strict=True):
                    for name, seconds in ask(child).items():
                        of_child[name] += seconds
        finally:
            for child in children:
                child.terminate()
                child.wait()
    print(f"{'ms of processor':40}" + "".join(f"{each.name:>12}" for each in checkouts))
    ratios = []
    for name in times[0]:
        medians = [statistics.median(of_child[name]) * 1000 for of_child in times]
        print(f"{name:40}" + "".join(f"{each:12.3f}" for each in medians), end="")
        if others:
            ratios.append(medians[0] / medians[1])
            print(f"{ratios[-1]:8.2f}", end="")
        print()
    if others:
        print(f"{'mean of the ratios':64}{statistics.mean(ratios):8.2f}")


def serve() -> None:
    """In a checkout of any age."""
    from benchmarks.__main__ import prepare  # noqa: PLC0415

    data_dir = Path(os.environ["DATA_DIR"])
    player, staff = prepare(data_dir, PLAYS)
    # After Foyer has chosen which SQLite that is: two in one process would break their locks.
    import sqlite3  # noqa: PLC0415

    from django.core.servers.basehttp import get_internal_wsgi_application  # noqa: PLC0415

    application = get_internal_wsgi_application()
    for number in range(ORGANIZATIONS):
        name = json.dumps({"name": f"Organization {number}", "description": "Of many people."})
        _call(application, "POST", "/organizations", player, name.encode())
    first_pages = [(path, player) for path in PATHS] + [(path, staff) for path in STAFF_PATHS]
    pages = []
    for path, token in first_pages:
        pages.append((path, token))
        found = re.search(r'\?([^>]*)>; rel="next"', _call(application, "GET", path, token))
        if found:
            pages.append((f"{path}?{found[1]}", token))
    database = sqlite3.connect(data_dir / "foyer.sqlite3", isolation_level=None)
    for _ in sys.stdin:
        times = defaultdict(list)
        for path, token in pages:
            who = "staff: " if token == staff else ""
            name = who + re.sub("cursor=.*", "cursor=…", path)
            for number in range(CALLS):
                database.execute("UPDATE users_user SET first_name = ? WHERE id = 9", [number])
                begun = time.process_time()
                _call(application, "GET", path, token)
                times[name].append(time.process_time() - begun)
        print(json.dumps(times), flush=True)


def _call(application: Any, method: str, url: str, token: str, body: bytes = b"") -> str:
    """The `Link` of the response."""
    path, _, query = url.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    links = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        if status[:3] not in ("200", "201"):
            raise SystemExit(f"{method} {url}: {status}")
        links.append(dict(headers).get("Link", ""))

    response = application(environ, start_response)
    b"".join(response)
    response.close()
    return str(links[0])


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--child"] else main(*sys.argv[1:])
