"""Starts `manage.py check` again and again without loading the libraries for each: `python -m
tests.core.forked_starts`.

A line of standard input is the environment of a start, the line that comes back its exit status and
what it wrote to standard error, all in JSON. The project itself is imported anew by each.
"""

import importlib
import json
import os
import runpy
import sys
import tempfile
import traceback
from pathlib import Path

from tests.core.test_imports import PACKAGES, PROJECT


def forget_project() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in PACKAGES]:
        del sys.modules[name]


def check() -> int:
    """As the interpreter ends a program."""
    sys.argv = ["manage.py", "check"]
    try:
        runpy.run_path(str(PROJECT / "manage.py"), run_name="__main__")
    except SystemExit as exit_:
        if isinstance(exit_.code, str):
            print(exit_.code, file=sys.stderr)  # noqa: T201  # this is what Python does with it
            return 1
        return exit_.code or 0
    except Exception:  # noqa: BLE001  # it ends with any
        traceback.print_exc()
        return 1
    return 0


def start(environment: dict[str, str]) -> tuple[int, str]:
    with tempfile.TemporaryFile("w+") as errors:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                os.dup2(errors.fileno(), 2)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.environ.clear()
                os.environ.update(environment)
                status = check()
            finally:
                sys.stderr.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        errors.seek(0)
        return status, errors.read()


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = str(Path(folder))
        importlib.import_module("config.settings")
    forget_project()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(start(json.loads(line))) + "\n")
        sys.stdout.flush()
