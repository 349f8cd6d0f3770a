"""Stores of objects, asked in one way: what a bucket holds, a page at a time, and the bytes of an object, a piece at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from classifier.data.remote.download import size
from classifier.spec.buckets import S3, Bucket
from classifier.spec.errors import InputError

PAGE = 1_000  # objects, as S3 gives at most


@dataclass(frozen=True)
class Wanted:
    """What is to be had, and within which bounds."""

    bucket: Bucket
    path: str  # of an archive or a folder below the bucket's prefix; "" for all of it
    most_bytes: int
    networks: tuple[str, ...] = ()  # that an administrator lets through

    @property
    def shown(self) -> str:
        return "/".join(part for part in (self.bucket.shown, self.path) if part)

    def check_size(self, number: int) -> None:
        if number > self.most_bytes:
            words = f"{self.shown} has {size(number)} or more; this server takes up to {size(self.most_bytes)}."
            raise InputError(f"{words} Import several folders of it.", code="too_large")


class Found(NamedTuple):
    """An object as a listing names it."""

    key: str  # within the bucket's prefix
    size: int
    mark: str = ""  # what tells it from a later one of the same name; empty where the store says nothing of the kind


class Page(NamedTuple):
    """Some objects, in the order of the whole list, and the word that asks for those behind; None at the end."""

    found: list[Found]
    following: str | None


class Level(NamedTuple):
    """What lies directly in a folder: the names of folders, and of objects with their bytes; whether there is more than was listed."""

    folders: list[str]
    objects: list[tuple[str, int]]
    more: bool


class Lost(Exception):
    """An object that cannot be had, though another may; `code` as in classifier.data.left."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(words or code)
        self.code = code


class Store(Protocol):
    """Raises Passing for what another try may cure, Lost for one object, InputError for what is wrong with the bucket itself."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    async def page(self, folder: str, after: str, following: str | None, most: int = PAGE) -> Page:
        """Objects below the folder (all of them for ""), behind the key `after`, or from where the page before ended."""
        ...

    async def level(self, folder: str) -> Level:
        """What lies directly in a folder, as far as one answer tells."""
        ...

    async def about(self, key: str) -> Found | None:
        """The object of that very key; None where there is none."""
        ...

    async def read(self, found: Found, first: int, size: int) -> bytes:
        """That part of it, exactly; Lost where it is not any more what was found."""
        ...


def store_of(bucket: Bucket, networks: Sequence[str]) -> Store:
    """The way to ask that bucket. Its packages are loaded here, by who needs them alone."""
    if bucket.kind == S3:
        from classifier.data.remote.s3 import S3Store

        return S3Store(bucket, networks)
    from classifier.data.remote.others import OtherStore

    return OtherStore(bucket)
