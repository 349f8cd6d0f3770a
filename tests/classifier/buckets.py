"""Servers of buckets on loopback: moto's, which does as S3 does, and one that misbehaves as it is told."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from urllib.request import Request, urlopen

import boto3

from classifier.spec.buckets import Bucket

LOOPBACK = ("127.0.0.0/8",)
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
READY_SECONDS = 60.0


@dataclass
class Moto:
    """A running server."""

    endpoint: str

    def client(self, kind: str = "s3", **keys: str) -> Any:
        return boto3.client(kind, endpoint_url=self.endpoint, region_name="us-east-1", **(keys or KEYS))

    def filled(self, name: str, objects: dict[str, bytes], **more: str) -> Bucket:
        """A bucket of that name with the objects, and how it is opened."""
        client = self.client()
        client.create_bucket(Bucket=name)
        for key, content in objects.items():
            client.put_object(Bucket=name, Key=key, Body=content)
        return Bucket(bucket=name, endpoint=self.endpoint, key="testing", secret="testing", **more)

    def reader(self, name: str) -> dict[str, str]:
        """The key of somebody who may read that bucket; from now on keys are asked for, until `opened`."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
        iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        self.open_calls("0")
        return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

    def open_calls(self, number: str) -> None:
        """How many calls are let in before keys are looked at."""
        told = {"data": number.encode(), "headers": {"Content-Type": "text/plain"}, "method": "POST"}
        urlopen(Request(f"{self.endpoint}/moto-api/reset-auth", **told)).read()


@contextmanager
def moto() -> Iterator[Moto]:
    """The server, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield Moto(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it listens."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.1)
    raise AssertionError("moto's server did not start")


@dataclass
class Fake:
    """A server that knows lists and objects of one bucket alone; `answer` may take a request over (None: it does not)."""

    objects: dict[str, bytes]
    page: int = 1_000
    port: int = 0
    answer: Callable[[str, dict[str, str], dict[str, str]], tuple[int, dict[str, str], bytes] | None] = lambda *_: None
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)  # (key, query, headers)

    @property
    def bucket(self) -> Bucket:
        return Bucket(bucket="photos", endpoint=f"http://127.0.0.1:{self.port}", key="key", secret="secret")

    @property
    def read(self) -> list[str]:
        """The keys of what was read, in order."""
        return [key for key, query, _ in self.asked if key and "list-type" not in query]

    def listed(self, query: dict[str, str]) -> bytes:
        """One page, as ListObjectsV2 gives it."""
        after = query.get("continuation-token") or query.get("start-after", "")
        below = query.get("prefix", "")
        keys = sorted(key for key in self.objects if key.startswith(below) and key > after)
        deeper = [key for key in keys if query.get("delimiter") and "/" in key[len(below) :]]
        folders = sorted({below + key[len(below) :].partition("/")[0] + "/" for key in deeper})
        keys = [key for key in keys if key not in deeper]
        shown = keys[: min(self.page, int(query.get("max-keys", "1000")))]
        more = len(keys) > len(shown)
        items = "".join(
            f"<Contents><Key>{quote(key)}</Key><Size>{len(self.objects[key])}</Size><ETag>{self.tag(key)}</ETag></Contents>"
            for key in shown
        )
        following = f"<NextContinuationToken>{quote(shown[-1])}</NextContinuationToken>" if more else ""
        head = f"<Name>photos</Name><EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
        items += "".join(f"<CommonPrefixes><Prefix>{quote(name)}</Prefix></CommonPrefixes>" for name in folders)
        return f"<ListBucketResult>{head}{following}{items}</ListBucketResult>".encode()

    def tag(self, key: str) -> str:
        return f'"{len(self.objects[key])}-{hash(self.objects[key]) & 0xFFFF}"'

    def told(self, key: str, query: dict[str, str], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """The answer of a server that does as S3 does."""
        if "list-type" in query:
            return 200, {"Content-Type": "application/xml"}, self.listed(query)
        if key not in self.objects:
            return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
        content, about = self.objects[key], {"ETag": self.tag(key)}
        if headers.get("If-Match", about["ETag"]) != about["ETag"]:
            return 412, {}, b"<Error><Code>PreconditionFailed</Code></Error>"
        if "Range" not in headers:
            return 200, about, content
        first, last = map(int, headers["Range"].removeprefix("bytes=").split("-"))
        return 206, about | {"Content-Range": f"bytes {first}-{last}/{len(content)}"}, content[first : last + 1]


class Server(ThreadingHTTPServer):
    """One that takes all sixteen lines of a copy at once: of five, as is usual, a busy machine has the others wait for seconds."""

    daemon_threads = True
    request_queue_size = 128


@contextmanager
def faking(fake: Fake) -> Iterator[Fake]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            key = unquote(parts.path).partition("/photos")[2].removeprefix("/")
            headers = {name.title(): value for name, value in self.headers.items()}
            fake.asked.append((key, query, headers))
            status, about, content = fake.answer(key, query, headers) or fake.told(key, query, headers)
            with contextlib.suppress(ConnectionError):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **about}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else content)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    fake.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
