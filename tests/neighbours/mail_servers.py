"""A real Postfix on loopback, with Postgrey beside it."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.neighbours.servers import find, hand_over, running
from tests.system.installation import free_port

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/spool/log
maillog_file_prefixes = {folder}
myhostname = mx.example.net
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
virtual_mailbox_domains = example.org, xn--bcher-kva.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{{mailboxes}}}
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient,
    check_recipient_access inline:{{grete@example.org=greylisted}}
smtpd_restriction_classes = greylisted
greylisted = check_policy_service inet:127.0.0.1:{greylisting_port}
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
qmgr unix n - n 300 1 qmgr
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Takes mail for three people. Grete's is greylisted."""

    mailboxes = ("ada@example.org", "grete@example.org", "ida@xn--bcher-kva.example")

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder

    @contextmanager
    def running(self, *, greylisting_seconds: int) -> Iterator[None]:
        postfix = find("postfix", "Debian: apt install postfix")
        postgrey = find("postgrey", "Debian: apt install postgrey")
        if os.geteuid():
            pytest.skip("Postfix insists on root")
        greylisting_port = free_port()
        self._configure(greylisting_port)
        greylisting = (
            *(postgrey, f"--inet=127.0.0.1:{greylisting_port}"),
            *(f"--delay={greylisting_seconds}", f"--dbdir={self._folder / 'greylist'}"),
        )
        start = (postfix, "-c", self._etc, "start-fg")
        with (
            running(greylisting, greylisting_port, self._folder),
            running(start, self.port, self._folder),
        ):
            yield

    def change(self, setting: str) -> None:
        for command in (
            ("postconf", "-c", self._etc, setting),
            ("postfix", "-c", self._etc, "reload"),
        ):
            subprocess.run([find(command[0], ""), *command[1:]], check=True, capture_output=True)

    @property
    def log(self) -> str:
        path = self._folder / "spool" / "log"
        return path.read_text() if path.exists() else ""

    def mails(self, mailbox: str) -> list[EmailMessage]:
        """In the order of their arrival."""
        files = (self._folder / "mail" / mailbox / "new").glob("*")
        return [
            message_from_bytes(file.read_bytes(), policy=policy.default)
            for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)
        ]

    @property
    def _etc(self) -> str:
        return str(self._folder / "etc")

    def _configure(self, greylisting_port: int) -> None:
        self._folder.chmod(0o755)
        owners = {"etc": "root", "spool": "root", "data": "postfix"}
        owners |= {"mail": "nobody", "greylist": "postgrey"}
        for name, owner in owners.items():
            (self._folder / name).mkdir()
            hand_over(self._folder / name, owner)
        settings = _MAIN.format(
            folder=self._folder,
            mailboxes=", ".join(f"{mailbox}={mailbox}/" for mailbox in self.mailboxes),
            owner=pwd.getpwnam("nobody"),
            greylisting_port=greylisting_port,
        )
        (self._folder / "etc" / "main.cf").write_text(settings)
        (self._folder / "etc" / "master.cf").write_text(_MASTER.format(port=self.port))
