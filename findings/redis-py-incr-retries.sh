#!/usr/bin/env bash
# redis-py 8 repeats a command that timed out, INCR too: one call counts several times.
#
# Versions: redis 8.1.0 (PyPI) with the redis-server of Debian (7.0 here; any will do).
# Expected: a command that changes something is sent once. When its response does not come within
#           `socket_timeout`, the caller gets a TimeoutError and decides.
# Seen:     the client itself sends the command again (10 retries unless told otherwise). A server that
#           pauses for longer than the time-out (a moved virtual machine, a fork for a snapshot, a slow
#           disk) carries out every copy when it wakes, because they lie in its socket buffers. One
#           incr() on a counter at 0 returns more than 1, without an exception.
# Why:      counters for rate limits, quotas and stock jump exactly when the machine is in trouble: users
#           are locked out who made one request. `Redis(retry=Retry(NoBackoff(), 0))` sends once.
set -euo pipefail

folder=$(mktemp -d)
server=
clean() {
    if [ -n "$server" ]; then kill -CONT "$server"; kill "$server"; wait; fi 2>/dev/null || true
    rm -rf "$folder"
}
trap clean EXIT
cd "$folder"

command -v redis-server >/dev/null || apt-get install --yes --no-install-recommends redis-server >apt.log
python3 -m venv venv
venv/bin/pip install --quiet redis==8.1.0

redis-server --unixsocket "$folder/redis.sock" --port 0 --save "" --dir "$folder" >redis.log &
server=$!

cat >count.py <<'PYTHON'
import os
import signal
import sys
import threading
import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

server = int(sys.argv[1])

def counted(**options):
    """One incr() while the server pauses for two seconds, with a time-out of a tenth."""
    with redis.Redis(unix_socket_path="redis.sock") as setup:
        setup.set("requests", 0)
    client = redis.Redis(unix_socket_path="redis.sock", socket_timeout=0.1, **options)
    client.ping()
    os.kill(server, signal.SIGSTOP)
    threading.Timer(2, os.kill, (server, signal.SIGCONT)).start()
    try:
        client.incr("requests")
        outcome = "no exception"
    except redis.TimeoutError:
        outcome = "TimeoutError"
    time.sleep(3)
    with redis.Redis(unix_socket_path="redis.sock") as reader:
        return outcome, int(reader.get("requests"))

for _ in range(100):
    try:
        redis.Redis(unix_socket_path="redis.sock").ping()
        break
    except redis.ConnectionError:
        time.sleep(0.1)

outcome, value = counted()
print(f"as installed: one incr(), {outcome}, the counter is {'more than 1' if value > 1 else value}")
print(f"  (it was {value} this time)", file=sys.stderr)
outcome, value = counted(retry=Retry(NoBackoff(), 0))
print(f"without retries: one incr(), {outcome}, the counter is {'more than 1' if value > 1 else value}")
PYTHON
venv/bin/python count.py "$server" | tee seen

cat >expected <<'TEXT'
as installed: one incr(), no exception, the counter is more than 1
without retries: one incr(), TimeoutError, the counter is 1
TEXT
diff expected seen && echo "as described"
