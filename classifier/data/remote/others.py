"""What fsspec opens beside S3, where its package is installed and an administrator lets it (SYNSET_BUCKET_KINDS).

A package resolves and connects by itself: no number is judged here. So none is open unless somebody says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

import fsspec

from classifier.data.remote import discreet
from classifier.data.remote.line import Passing
from classifier.data.remote.stores import PAGE, Found, Level, Lost, Page
from classifier.spec.buckets import LOCAL, Bucket
from classifier.spec.errors import InputError
from classifier.spec.words import shortened

T = TypeVar("T")
MARKS = ("ETag", "etag", "md5Hash", "md5", "generation", "LastModified", "last_modified", "updated", "mtime", "modified")


class OtherStore:
    """A folder of a file system of fsspec's. Its calls wait, so they are made in threads."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.root = "/".join(part for part in (bucket.bucket.rstrip("/"), bucket.prefix) if part)
        self.walk: Iterator[Found] | None = None
        self.known = discreet.values(bucket.options)

    async def __aenter__(self) -> Self:
        if self.bucket.kind in LOCAL:
            raise InputError(f"{self.bucket.kind} is of this server itself, and is not opened.", code="bucket")
        discreet.LOG.listen(self.known)
        try:
            kept = {"skip_instance_cache": True, "use_listings_cache": False}
            self.files: Any = await asyncio.to_thread(fsspec.filesystem, self.bucket.kind, **{**self.bucket.options, **kept})
        except Exception as error:  # noqa: BLE001 - each package raises its own kinds, some connect here
            words = f"A place of the kind {self.bucket.kind} cannot be opened here ({shortened(self.said(error), 200)})."
            raise InputError(words, code="bucket") from None
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.walk = None

    async def page(self, folder: str, after: str, following: str | None, most: int = PAGE) -> Page:
        if self.walk is None or not following:
            self.walk = self.files_below(folder, tuple(after.split("/")) if after else ())
        walk = self.walk
        try:
            found = await self.asked(lambda: list(islice(walk, most)))
        except BaseException:  # cut off for its slowness too: its thread goes on, and would take what the next one is to have
            self.walk = None
            raise
        return Page(found, found[-1].key if len(found) == most else None)

    async def level(self, folder: str) -> Level:
        place = f"{self.root}/{folder}" if folder else self.root
        listed = await self.asked(lambda: self.files.ls(place, detail=True))
        kinds: dict[str, list[tuple[str, int]]] = {"directory": [], "file": []}
        for told in listed:
            if (name := str(told["name"]).rstrip("/").rpartition("/")[2]) and told.get("type") in kinds:
                kinds[told["type"]].append((name, int(told.get("size") or 0)))
        return Level(sorted(name for name, _ in kinds["directory"]), sorted(kinds["file"]), False)

    def files_below(self, folder: str, after: tuple[str, ...]) -> Iterator[Found]:
        """Files in order of their paths' parts, a folder's list at a time."""
        place = f"{self.root}/{folder}" if folder else self.root
        listed = self.files.ls(place, detail=True)
        named = {name: item for item in listed if (name := str(item["name"]).rstrip("/").rpartition("/")[2])}
        for name, told in sorted(named.items()):
            key = f"{folder}/{name}" if folder else name
            parts = tuple(key.split("/"))
            if told.get("type") == "directory" and parts >= after[: len(parts)]:
                yield from self.files_below(key, after)
            elif told.get("type") == "file" and parts > after:
                yield self.found(key, told)

    def found(self, key: str, told: dict[str, Any]) -> Found:
        """An entry of a listing."""
        mark = next((str(told[name]) for name in MARKS if told.get(name)), "")
        return Found(key, int(told.get("size") or 0), mark)

    async def about(self, key: str) -> Found | None:
        try:
            told = await self.asked(lambda: self.files.info(f"{self.root}/{key}"))
        except Lost as lost:
            if lost.code == "gone":
                return None
            raise InputError(str(lost), code="bucket") from None
        return self.found(key, told) if told.get("type") == "file" else None

    async def read(self, found: Found, first: int, size: int) -> bytes:
        data = await self.asked(lambda: self.files.cat_file(f"{self.root}/{found.key}", start=first, end=first + size))
        if len(data) != size:
            raise Lost("changed")
        return bytes(data)

    async def asked(self, what: Callable[[], T]) -> T:
        """The answer; what a package raises in the words of a Store."""
        try:
            return await asyncio.to_thread(what)
        except FileNotFoundError:
            raise Lost("gone") from None
        except PermissionError as error:
            raise Lost("refused", f"{self.bucket.shown} may not be read ({shortened(self.said(error), 120)}).") from None
        except (InputError, Lost):
            raise
        except Exception as error:  # noqa: BLE001 - each package raises its own kinds
            raise Passing(f"{self.bucket.kind} does not answer ({type(error).__name__}: {shortened(self.said(error), 120)})") from None

    def said(self, error: Exception) -> str:
        """The package's own words, without what opens the store."""
        return discreet.scrubbed(str(error), self.known)
