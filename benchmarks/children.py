"""Processes that measure in turns, each when it is asked: what else the machine does hits all
alike."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def start_child(
    arguments: Sequence[str | Path], *, checkout: Path, data_dir: Path
) -> "subprocess.Popen[str]":
    """A Python of the packages in the checkout, with a folder of its own for the data. Its log is
    there too."""
    data_dir.mkdir()
    return subprocess.Popen(
        [checkout / ".venv/bin/python", *arguments],
        cwd=checkout,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(checkout),
            "DATA_DIR": str(data_dir),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(data_dir / "log").open("w"),
        text=True,
    )


def ask(child: "subprocess.Popen[str]") -> Any:
    """A line goes in, a line of JSON comes out."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return json.loads(child.stdout.readline())
