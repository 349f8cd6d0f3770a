"""Buckets that speak S3, by aiobotocore: each connection goes to a number that is judged as that of any http(s) address.

Nothing of the machine's own settings is used: no profile, no key of its own, no proxy, no other address from its environment.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

from aiobotocore.config import AioConfig
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession
from aiohttp import ClientError as LineError
from botocore import UNSIGNED
from botocore.exceptions import BotoCoreError, ClientError, SSLError
from botocore.parsers import ResponseParserError

from classifier.data.remote.line import BUSY, Passing, number_of, own_network
from classifier.data.remote.stores import PAGE, Found, Level, Lost, Page
from classifier.spec.addresses import is_let, parsed
from classifier.spec.buckets import Bucket
from classifier.spec.errors import InputError

CONNECT_SECONDS, SILENT_SECONDS = 10, 15
STREAMS = 16  # connections at a time
USUAL_REGION = "us-east-1"  # which knows where Amazon's buckets are, and is what other servers take
WRONG_KEYS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "AuthFailure", "UnauthorizedAccess")
WRONG_REGION = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301")
LIST = frozenset(("Name", "KeyCount", "MaxKeys", "IsTruncated", "Contents"))  # of which a list has some, and a web page none
SLOW_DOWN = ("SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling", "RequestLimitExceeded")


class Guard:
    """Makes the sockets: none to a number that may not be asked. `refused` tells that it happened."""

    def __init__(self, networks: Sequence[str]) -> None:
        self.networks = networks
        self.refused = False

    def __call__(self, address: Any) -> socket.socket:
        family, kind, protocol, _, where = address
        if not is_let(ip_address(str(where[0]).partition("%")[0]), self.networks):
            self.refused = True
            raise OSError("a number that is not asked")
        return socket.socket(family=family, type=kind, proto=protocol)


class Straight:
    """aiohttp's session, which would follow a redirect with our signed request to wherever it leads."""

    def __init__(self, session: Any) -> None:
        self.session = session

    async def request(self, method: str, **how: Any) -> Any:
        return await self.session.request(method, **how, allow_redirects=False)


class Lines(AIOHTTPSession):  # type: ignore[misc,unused-ignore]
    """The client's connections, straight to where they are sent."""

    async def _get_session(self, proxy_url: str | None) -> Straight:
        return Straight(await super()._get_session(proxy_url))


class S3Store:
    """One bucket."""

    def __init__(self, bucket: Bucket, networks: Sequence[str]) -> None:
        self.bucket, self.guard = bucket, Guard(networks)
        self.host = parsed(bucket.endpoint).host if bucket.endpoint else "Amazon S3"
        self.below = f"{bucket.prefix}/" if bucket.prefix else ""
        self.opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self.bucket.endpoint:
            number_of(parsed(self.bucket.endpoint), self.guard.networks)  # what is wrong with its name is told as of any address
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            os.environ.pop(name, None)
        session = AioSession()
        for name in ("config_file", "credentials_file"):
            session.set_config_variable(name, os.devnull)
        keys = {"aws_access_key_id": self.bucket.key or None, "aws_secret_access_key": self.bucket.secret or None}
        server = {"endpoint_url": self.bucket.endpoint or None, "region_name": self.bucket.region or USUAL_REGION}
        with self.in_words():
            client = session.create_client("s3", **server, **keys, config=self.config())
            self.client: Any = await self.opened.enter_async_context(client)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.opened.aclose()

    def config(self) -> AioConfig:
        """One try, bounded in time; another one is the caller's to make."""
        return AioConfig(
            connector_args={"socket_factory": self.guard},
            http_session_cls=Lines,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=SILENT_SECONDS,
            max_pool_connections=STREAMS,
            retries={"total_max_attempts": 1, "mode": "standard"},
            signature_version="s3v4" if self.bucket.key else UNSIGNED,
            s3={"addressing_style": "path" if self.bucket.endpoint else "auto"},
            proxies={},
            ignore_configured_endpoint_urls=True,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )

    async def page(self, folder: str, after: str, following: str | None, most: int = PAGE) -> Page:
        below = self.below + (f"{folder}/" if folder else "")
        place = {"ContinuationToken": following} if following else {"StartAfter": self.below + after} if after else {}
        with self.in_words():
            told = await self.client.list_objects_v2(Bucket=self.bucket.bucket, Prefix=below, MaxKeys=most, **place)
            if not LIST.intersection(told):
                raise InputError(f"{self.host} does not answer as S3 does; look at the server's address.", code="bucket")
            listed = [(str(item["Key"]), max(0, int(item["Size"])), str(item.get("ETag", ""))) for item in told.get("Contents") or []]
        found = [Found(key[len(self.below) :], size, mark) for key, size, mark in listed]
        if any(not key.startswith(below) for key, _, _ in listed):
            raise InputError(f"{self.host} lists what is not below {below or 'the bucket'}; it does not speak S3.", code="bucket")
        return Page(found, str(told.get("NextContinuationToken") or "") or None if told.get("IsTruncated") else None)

    async def level(self, folder: str) -> Level:
        below = self.below + (f"{folder}/" if folder else "")
        with self.in_words():
            told = await self.client.list_objects_v2(Bucket=self.bucket.bucket, Prefix=below, Delimiter="/", MaxKeys=PAGE)
            if not LIST.intersection(told):
                raise InputError(f"{self.host} does not answer as S3 does; look at the server's address.", code="bucket")
            folders = [str(item["Prefix"]) for item in told.get("CommonPrefixes") or []]
            objects = [(str(item["Key"]), max(0, int(item["Size"]))) for item in told.get("Contents") or []]
        if any(not name.startswith(below) for name in (*folders, *(key for key, _ in objects))):
            raise InputError(f"{self.host} lists what is not below {below or 'the bucket'}; it does not speak S3.", code="bucket")
        names = [name[len(below) :].removesuffix("/") for name in folders]
        return Level(names, [(key[len(below) :], size) for key, size in objects if key != below], bool(told.get("IsTruncated")))

    async def about(self, key: str) -> Found | None:
        try:
            with self.in_words():
                told = await self.client.head_object(Bucket=self.bucket.bucket, Key=self.below + key)
        except InputError:
            return None  # an answer without a body says not what is wrong; the list that is asked for next does
        except Lost as lost:
            if lost.code in ("gone", "refused"):  # who may not list gets 403 for what is not there
                return None
            raise
        return Found(key, int(told["ContentLength"]), str(told.get("ETag", "")))

    async def read(self, found: Found, first: int, size: int) -> bytes:
        part = {} if size == found.size else {"Range": f"bytes={first}-{first + size - 1}"}
        same = {"IfMatch": found.mark} if found.mark else {}
        with self.in_words():
            told = await self.client.get_object(Bucket=self.bucket.bucket, Key=self.below + found.key, **part, **same)
            async with told["Body"] as stream:
                if part and not str(told.get("ContentRange", "")).startswith(f"bytes {first}-"):
                    raise InputError(f"{self.host} gives no parts of objects; it does not speak S3.", code="bucket")
                if told["ContentLength"] != size:
                    raise Lost("changed")
                data = await whole(stream, size)
        if len(data) != size:
            raise Passing(f"the line broke off after {len(data):,} of {size:,} bytes")
        return data

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Turns what the client raises into what a Store raises."""
        try:
            yield
        except ClientError as error:
            raise self.meaning(error) from None
        except SSLError as error:
            words = f"The certificate of {self.host} does not hold ({str(error)[-120:]}); it is not asked."
            raise InputError(words, code="bucket") from None
        except (BotoCoreError, ResponseParserError, LineError, OSError, ValueError, KeyError) as error:
            if self.guard.refused:
                raise own_network(self.host) from None
            raise Passing(f"{self.host} does not answer as S3 does ({type(error).__name__})") from None

    def meaning(self, error: ClientError) -> Exception:
        """What an answer of the server says; its own words are told in part only, for it may say anything."""
        told = error.response
        code, status = str(told.get("Error", {}).get("Code", "")), int(told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        name = self.bucket.bucket
        if status in BUSY or status >= 500 or code in SLOW_DOWN:
            return Passing(f"{self.host} is busy ({code[:60]})")
        if code == "NoSuchBucket":
            return InputError(f"There is no bucket {name} at {self.host}; look at its name, and at the server's address.", code="bucket")
        if code in WRONG_KEYS or status == 401:
            words = f"{self.host} does not take the key and its secret ({code[:60]}). Give this connection another key."
            return InputError(words, code="bucket")
        if code in WRONG_REGION or 300 <= status < 400:
            region = told.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region", "")
            where = f" ({region[:40]})" if region else ""
            return InputError(f"The bucket {name} lies in another region{where} or at another address, which is not asked.", code="bucket")
        if code == "RequestTimeTooSkewed":
            return InputError(f"The clock of this server differs from that of {self.host}; set one of them right.", code="bucket")
        if code == "InvalidObjectState":
            return Lost("stored_away")
        if status == 403:
            return Lost("refused", f"{self.host} lets nobody read {name} with this key ({code[:60] or 403}).")
        if status == 412 or code == "InvalidRange":
            return Lost("changed")
        if status == 404:
            return Lost("gone")
        return InputError(f"{self.host} refuses what is asked of {name} ({code[:60] or status}).", code="bucket")


async def whole(stream: Any, size: int) -> bytes:
    """So many bytes, or all up to where the line breaks off."""
    parts, have = [], 0
    while have < size and (part := await stream.read(size - have)):
        parts.append(part)
        have += len(part)
    return b"".join(parts)
