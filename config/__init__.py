"""Project-wide machinery. Importing it puts a current SQLite in place of the system's.

SQLite before 3.51.3 can corrupt a database in WAL mode when two processes checkpoint and write at
one instant (sqlite.org/wal.html, "The WAL-Reset Bug"), and most Pythons link an older one.
"""

import sys

try:
    import pysqlite3
    import pysqlite3.dbapi2
except ImportError:  # No wheel for this platform: `manage.py check` warns when the own one is old.
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
