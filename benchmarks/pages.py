"""Weight and time of the chart pages: `python -m benchmarks.pages`.

One repository with ten years of days, and fifty with a year and more, in a temporary folder on
SQLite; the answers come from Django's test client, so the network counts nothing.
"""

import gzip
import os
import statistics
import tempfile
import time
from pathlib import Path

ROUNDS = 7


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="foyer-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "0"}
        os.environ.pop("DATABASE_URL", None)
        import django  # noqa: PLC0415

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        from tests.browser.seed import fill  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        measure(fill())


def measure(staged: dict[str, object]) -> None:
    from django.contrib.staticfiles import finders  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    client = Client(headers={"host": "localhost", "accept-encoding": "gzip"})
    ids = staged["ids"]
    assert isinstance(ids, dict)
    overview = f"/users/{staged['fleet']}/repos"
    print("page                              ms    bytes   gzip  rows")
    for name, path in (
        ("50 repositories, all", overview),
        ("50 repositories, 30 days", f"{overview}?start={_days_ago(29)}"),
        ("one, ten years", f"{overview}/{ids['decade']}"),
        ("one, 96 days", f"/users/{staged['share']}/repos/{ids['busy']}"),
    ):
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            sent = client.get(path).content
            times.append((time.perf_counter() - started) * 1000)
        html = gzip.decompress(sent)
        rows = html.count(b"<tr><td>20")
        print(f"{name:<28}{statistics.median(times):>8.0f}{len(html):>9}{len(sent):>7}{rows:>6}")
    for name in ("vendor/chartjs/chart-4.6.1.umd.min.js", "repos/pages.js", "repos/pages.css"):
        found = finders.find(name)
        assert found
        content = Path(found).read_bytes()
        print(f"{name:<36}{len(content):>9}{len(gzip.compress(content)):>7}  (once, then cached)")


def _days_ago(days: int) -> str:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


if __name__ == "__main__":
    main()
