"""A small SMTP server on loopback that keeps what it is given and can be told to fail."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class SMTPServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RepositoryConversation)
        self.port = int(self.server_address[1])
        self.messages: list[EmailMessage] = []
        # What it answers to a command instead of 250; an empty text hangs up.
        self.answers: dict[str, str] = {}

    def handle_error(self, request: Any, client_ip: Any) -> None:
        """Clients that hang up are no news."""


class _RepositoryConversation(socketserver.StreamRequestHandler):
    server: SMTPServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            command = line.split()[0].decode().upper() if line.split() else ""
            answer = self.server.answers.get(command)
            if answer == "":
                return
            if answer is not None:
                self._say(answer)
            elif command == "DATA":
                self._say("354 go on")
                self._receive()
                self._say("250 stored")
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _receive(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.messages.append(message)

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


@contextmanager
def smtp_server() -> Iterator[SMTPServer]:
    with SMTPServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
