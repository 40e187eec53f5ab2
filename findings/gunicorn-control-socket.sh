#!/usr/bin/env bash
# Two gunicorns of one user share one control socket: the second takes it over and removes it at its end.
#
# Version:  gunicorn 27.0.1 with its `gunicornc`.
# Expected: each server has a control socket of its own, or the second says that the path is taken.
# Seen:     both say "Control socket listening at ~/.gunicorn/gunicorn.ctl". `gunicornc` talks to the
#           second only. When the second stops, it removes the file: the first goes on serving, and
#           `gunicornc` says that no server is there.
# Why:      two sites under one account (a product and its staging copy, a blue and a green release) are
#           common. `gunicornc -c "worker remove"` meant for one reaches the other, and a monitor that
#           asks the socket reports the first as down after each deployment of the second.
#           `--control-socket PATH` per site, or `--no-control-socket`, avoids it.
set -euo pipefail

folder=$(mktemp -d)
children=()
clean() {
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    wait
    rm -rf "$folder"
}
trap clean EXIT
cd "$folder"
export HOME=$folder
unset XDG_RUNTIME_DIR

python3 -m venv venv
venv/bin/pip install --quiet gunicorn==27.0.1

cat >application.py <<'PYTHON'
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
PYTHON

start() { # NAME WORKERS: a server, once its control socket listens
    venv/bin/gunicorn --bind "unix:$folder/$1.sock" --workers "$2" application:application >"$1.log" 2>&1 &
    children+=($!)
    for _ in $(seq 150); do
        grep -q "Control socket listening" "$1.log" && return
        sleep 0.1
    done
    cat "$1.log" >&2
    exit 1
}
whose() { # whom gunicornc reaches
    local master
    master=$(venv/bin/gunicornc -c "show all" 2>/dev/null | awk '/PID:/ {print $2; exit}') || true
    case $master in
        "${children[0]}") echo first ;;
        "${children[1]:-}") echo second ;;
        *) echo nobody ;;
    esac
}
serves() { # whether the first still responds
    python3 - <<'PYTHON'
import socket
client = socket.socket(socket.AF_UNIX)
client.connect("first.sock")
client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
print(client.recv(100).split(b"\r\n")[0].decode())
PYTHON
}

{
    start first 1
    echo "one server: gunicornc reaches the $(whose)"
    start second 2
    echo "two servers: gunicornc reaches the $(whose)"
    kill "${children[1]}"
    wait "${children[1]}" || true
    echo "second stopped: gunicornc reaches $(whose); the first responds $(serves)"
} >seen
cat seen

cat >expected <<'TEXT'
one server: gunicornc reaches the first
two servers: gunicornc reaches the second
second stopped: gunicornc reaches nobody; the first responds HTTP/1.1 200 OK
TEXT
diff expected seen && echo "as described"
