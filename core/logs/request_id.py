"""The id of the request that this thread is answering; it stands in every log line."""

import random
import re
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def request_id_from(header: str | None) -> str:
    """The client's id when it is harmless in a log and a header, else a new one."""
    if header and _ACCEPTABLE.fullmatch(header):
        return header
    return f"{random.getrandbits(128):032x}"  # no secret, and no system call
