"""Loaded before Django's settings: the suite keeps its files in a folder of its own.

What else the settings say comes from the environment, so that `make test-services` runs the same
suite on PostgreSQL and Redis.
"""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

_data_dir = Path(tempfile.mkdtemp(prefix="foyer-tests-"))
(_data_dir / "static").mkdir()
os.environ["DATA_DIR"] = str(_data_dir)
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)

# Python looks for garbage after each 700 new objects, and through all of a suite's modules again
# and again: 9 % of the processor time of the tests.
gc.set_threshold(10_000)
