"""Codes by mail through a real Postfix: taken, greylisted, rejected, and with a full queue."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests

from tests.concurrency import wait_until
from tests.neighbours.load import account
from tests.neighbours.mail_servers import Postfix
from tests.system.installation import Installation

# The first retries of a code come after 10 and 26 s.
GREYLISTING_SECONDS = 5


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    # Not in pytest's folder, which another pytest that starts meanwhile closes to other users.
    with TemporaryDirectory(prefix="foyer-postfix-") as folder:
        postfix = Postfix(Path(folder))
        with postfix.running(greylisting_seconds=GREYLISTING_SECONDS):
            yield postfix


@pytest.fixture(scope="module")
def foyer(postfix: Postfix, data_dir: Path) -> Iterator[Installation]:
    foyer = Installation(data_dir, WEB_WORKERS="1", EMAIL_URL=f"smtp://127.0.0.1:{postfix.port}")
    with foyer.running("runall"):
        yield foyer


def sign_up_and_forget_the_password(foyer: Installation, name: str, email: str) -> None:
    person = account(name) | {"email": email}
    assert requests.post(f"{foyer.url}/users", json=person, timeout=60).status_code == 201
    ask_for_a_code(foyer, email)


def ask_for_a_code(foyer: Installation, email: str) -> None:
    response = requests.post(f"{foyer.url}/auth/password/reset", json={"email": email}, timeout=60)
    assert response.status_code == 202


def assert_code_works(foyer: Installation, postfix: Postfix, email: str, mailbox: str) -> None:
    """The one mail that arrived holds the code that counts."""
    assert wait_until(lambda: bool(postfix.mails(mailbox)), seconds=90), postfix.log[-2000:]
    (mail,) = postfix.mails(mailbox)
    assert mail["To"] == mailbox
    (code,) = re.findall(r"\b[0-9]{8}\b", mail.get_content())
    form = {"email": email, "code": code, "password": "nine green bottles"}
    response = requests.post(f"{foyer.url}/auth/password/reset/confirm", json=form, timeout=60)
    assert response.status_code == 204


def worker_log(foyer: Installation) -> str:
    return (foyer.data_dir / "log").read_text()


def test_an_internationalized_domain_gets_its_mail(foyer: Installation, postfix: Postfix) -> None:
    sign_up_and_forget_the_password(foyer, "ida", "ida@bücher.example")

    assert_code_works(foyer, postfix, "ida@bücher.example", "ida@xn--bcher-kva.example")


def test_a_greylisted_code_arrives_by_a_retry(foyer: Installation, postfix: Postfix) -> None:
    sign_up_and_forget_the_password(foyer, "grete", "grete@example.org")

    assert_code_works(foyer, postfix, "grete@example.org", "grete@example.org")

    assert "Greylisted" in postfix.log
    assert "later at best: 450 4.2.0" in worker_log(foyer)
    assert "grete@" not in worker_log(foyer)


def test_a_full_queue_delays_a_code(foyer: Installation, postfix: Postfix) -> None:
    postfix.change("queue_minfree=1000000000000000")
    sign_up_and_forget_the_password(foyer, "ada", "ada@example.org")
    assert wait_until(lambda: "452 4.3.1" in worker_log(foyer)), worker_log(foyer)[-2000:]
    postfix.change("queue_minfree=0")

    assert_code_works(foyer, postfix, "ada@example.org", "ada@example.org")

    assert "ada@" not in worker_log(foyer)


def test_a_rejected_recipient_is_tried_once(foyer: Installation, postfix: Postfix) -> None:
    sign_up_and_forget_the_password(foyer, "nobody", "nobody@example.org")

    assert wait_until(lambda: "refused for good: reset_code (550 5.1.1)" in worker_log(foyer))
    time.sleep(15)  # the first retry would come after 10
    assert postfix.log.count("<nobody@example.org>: Recipient address rejected") == 1
    assert "nobody@" not in worker_log(foyer)
