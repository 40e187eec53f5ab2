"""Foyer beside the real programs that operators put around it (`make test-neighbours`).

Without NEIGHBOURS in the environment, which the make target sets, everything here is skipped. So is
each test whose program is not installed.
"""

import os
from pathlib import Path

import pytest

from tests.system.installation import Installation

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("NEIGHBOURS"):
        return
    skip = pytest.mark.skip(reason="make test-neighbours")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(skip)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation that is set up and not running."""
    folder = tmp_path_factory.mktemp("installation")
    outcome = Installation(folder).manage("setup")
    assert outcome.returncode == 0, outcome.stderr
    return folder
