"""`python -m benchmarks.enumeration`: does the time of an answer tell who has an account?

Calls for known, unknown and inactive accounts, for one without a password and one with a second
factor take turns, so that what else the machine does hits all of them alike. Medians stand side by
side, with the probability (Mann-Whitney, two-sided) that a difference to the known account like
this one is chance.
"""

import argparse
import json
import math
import os
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from itertools import cycle
from pathlib import Path

import django

from benchmarks.servers import foyer

KINDS = ("known", "unknown", "inactive", "passwordless", "protected")
PASSWORD = "benchmark password 1"
CALLS = {
    "log-in": ("/auth/token", {"password": "wrong benchmark password"}),
    "code to log in": ("/auth/code", {}),
    "log-in, wrong code": ("/auth/token", {"code": "00000000"}),
    "reset": ("/auth/password/reset", {}),
    "reset, wrong code": (
        "/auth/password/reset/confirm",
        {"code": "00000000", "password": "ten green bottles"},
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foyer-bench-") as folder:
        prepare(Path(folder))
        limits_off = dict.fromkeys(
            ("RATE_LIMIT_LOGIN", "RATE_LIMIT_RESET", "RATE_LIMIT_SIGNUP"), "off"
        )
        os.environ.update(limits_off)
        with foyer(Path(folder)) as server:
            for name, (path, body) in CALLS.items():
                report(name, measured(f"{server.base}{path}", body, options.calls))


def prepare(folder: Path) -> None:
    os.environ |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  # needs the settings
    from django.utils import timezone  # noqa: PLC0415  # likewise

    from users.codes.services import LOG_IN, PASSWORD_RESET, issue_code  # noqa: PLC0415  # likewise
    from users.models import SecondFactor, User  # noqa: PLC0415  # likewise
    from users.second_factor.services import enrol  # noqa: PLC0415  # likewise

    call_command("migrate", verbosity=0)
    now = timezone.now()
    for kind in KINDS:
        user = User(email=f"{kind}@example.org", is_active=kind != "inactive")
        user.set_password(None if kind == "passwordless" else PASSWORD)
        if kind != "unknown":
            user.save()
        if kind == "protected":
            enrol(user=user, now=now)
            SecondFactor.objects.update(confirmed_at=now)
        # As the worker does for every address that a code is asked for.
        for code in (LOG_IN, PASSWORD_RESET):
            issue_code(code, subject=f"{kind}@example.org", user=user if user.pk else None, now=now)


def measured(url: str, body: dict[str, str], calls: int) -> dict[str, list[float]]:
    """Milliseconds of each call, by kind."""
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    answers: dict[str, set[tuple[int, bytes]]] = {kind: set() for kind in KINDS}
    for kind, _ in zip(cycle(KINDS), range((calls + 10) * len(KINDS)), strict=False):
        started = time.perf_counter()
        answers[kind].add(answer_of(url, body | {"email": f"{kind}@example.org"}))
        taken[kind].append((time.perf_counter() - started) * 1000)
    if len(set().union(*answers.values())) != 1:
        raise SystemExit(f"{url} answers differently: {answers}")
    return {kind: times[10:] for kind, times in taken.items()}


def answer_of(url: str, body: dict[str, str]) -> tuple[int, bytes]:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def report(name: str, taken: dict[str, list[float]]) -> None:
    known = taken[KINDS[0]]
    for kind, times in taken.items():
        difference = statistics.median(times) / statistics.median(known) - 1
        print(
            f"{name:18} {kind:13} median {statistics.median(times):7.2f} ms"
            f" {difference:+7.1%}   p = {probability_of_chance(known, times):.2f}"
        )


def probability_of_chance(one: list[float], other: list[float]) -> float:
    """The Mann-Whitney test by its normal approximation, good from 20 values on."""
    ranks = {index: rank for rank, (_, index) in enumerate(sorted(_numbered(one, other)), start=1)}
    rank_sum = sum(ranks[index] for index in range(len(one)))
    size_one, size_other = len(one), len(other)
    u = rank_sum - size_one * (size_one + 1) / 2
    mean = size_one * size_other / 2
    deviation = math.sqrt(size_one * size_other * (size_one + size_other + 1) / 12)
    return math.erfc(abs(u - mean) / deviation / math.sqrt(2))


def _numbered(one: list[float], other: list[float]) -> list[tuple[float, int]]:
    return [(value, index) for index, value in enumerate([*one, *other])]


if __name__ == "__main__":
    main()
