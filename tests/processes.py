"""Programs of tests that stay for many questions."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.core.test_imports import PROJECT


@contextmanager
def answering_lines(module: str, environment: Mapping[str, str]) -> Iterator[Callable[[str], str]]:
    """`ask(line)` is the line that `python -m MODULE` answers; it ends when its input closes."""
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def ask(line: str) -> str:
            print(line, file=stdin, flush=True)
            reply: str = stdout.readline()
            return reply

        yield ask
        stdin.close()
