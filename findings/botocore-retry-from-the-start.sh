#!/usr/bin/env bash
# botocore sends a half-read file from where it stands, and when it repeats the request, from its start.
#
# Versions: boto3 and botocore 1.44.8, s3transfer 0.19.3.
# Expected: `put_object(Body=file)` sends what is left of an open file. A request that is repeated sends
#           the same bytes again, as requests and urllib3 do: they remember the position.
# Seen:     the repeated request carries the whole file. The length and the SHA-256 are computed anew, so
#           they fit, the server accepts it, and the call succeeds: the object has another content than
#           without the repetition. It takes no failure of the network: the answer "wrong region", which
#           botocore follows, is enough, so it can happen at each upload. Only the checksum of the default
#           settings is that of the first request, and a server that verifies it rejects the second one for
#           good; some S3 servers need "when_required", where it is not sent. `upload_fileobj` does it right.
# Why:      a file is seldom at its start once something has read it: a header that was looked at, a line
#           that was skipped, one of several records in a row. The test passes, as nothing is repeated
#           there. Seek to 0 or send bytes, and give what is left of a file to `upload_fileobj`.
# Source:   botocore/awsrequest.py, reset_stream(), calls seek(0).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet boto3==1.44.8 botocore==1.44.8 s3transfer==0.19.3

cat >uploads.py <<'PYTHON'
"""Uploads the rest of a file to a server that stores what S3 would store, after one other answer."""
import base64
import hashlib
import io
import threading
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

FIRST_ANSWERS = {
    "stored at once": None,
    "503, then stored": (503, {}, b""),
    "wrong region, then stored": (
        301,
        {"x-amz-bucket-region": "eu-west-1"},
        b"<Error><Code>PermanentRedirect</Code><Message>other region</Message></Error>",
    ),
}


class Storage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    first_answer = None
    stored = None

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if Storage.first_answer:
            answer, Storage.first_answer = Storage.first_answer, None
            return self.answer(*answer)
        checksum = self.headers.get("x-amz-checksum-crc32")
        if hashlib.sha256(body).hexdigest() != self.headers["X-Amz-Content-SHA256"]:
            return self.answer(400, {}, b"<Error><Code>XAmzContentSHA256Mismatch</Code></Error>")
        if checksum and base64.b64decode(checksum) != zlib.crc32(body).to_bytes(4, "big"):
            return self.answer(400, {}, b"<Error><Code>BadDigest</Code><Message>checksum</Message></Error>")
        Storage.stored = body
        return self.answer(200, {}, b"")

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Storage)
threading.Thread(target=server.serve_forever, daemon=True).start()

for checksums in ("when_supported", "when_required"):
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(request_checksum_calculation=checksums, retries={"mode": "standard"}),
    )
    for method in ("put_object", "upload_fileobj"):
        for name, answer in FIRST_ANSWERS.items():
            Storage.first_answer, Storage.stored = answer, None
            file = io.BytesIO(b"head,body")
            file.read(5)
            try:
                if method == "put_object":
                    client.put_object(Bucket="bucket", Key="key", Body=file)
                else:
                    client.upload_fileobj(file, "bucket", "key")
            except ClientError as error:
                print(f"{checksums}, {method}, {name}: error {error.response['Error']['Code']}")
            else:
                print(f"{checksums}, {method}, {name}: {Storage.stored.decode()}")
PYTHON
unset AWS_PROFILE AWS_DEFAULT_PROFILE
export AWS_CONFIG_FILE=$folder/none AWS_SHARED_CREDENTIALS_FILE=$folder/none NO_PROXY=127.0.0.1
venv/bin/python uploads.py | tee seen

cat >expected <<'TEXT'
when_supported, put_object, stored at once: body
when_supported, put_object, 503, then stored: error BadDigest
when_supported, put_object, wrong region, then stored: error BadDigest
when_supported, upload_fileobj, stored at once: body
when_supported, upload_fileobj, 503, then stored: body
when_supported, upload_fileobj, wrong region, then stored: body
when_required, put_object, stored at once: body
when_required, put_object, 503, then stored: head,body
when_required, put_object, wrong region, then stored: head,body
when_required, upload_fileobj, stored at once: body
when_required, upload_fileobj, 503, then stored: body
when_required, upload_fileobj, wrong region, then stored: body
TEXT
diff expected seen && echo "as described"
