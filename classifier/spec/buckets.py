"""A bucket of objects that somebody else keeps (S3, or what fsspec opens): what its fields must look like.

Nothing is asked or resolved here, so that a form can refuse what cannot be before any server hears of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from classifier.spec.addresses import is_let, literal, parsed
from classifier.spec.errors import ConfigError, InputError

S3 = "s3"
VARIABLE = "SYNSET_FETCH"  # of the environment: where a command fetches from, with what opens that
LOCAL = frozenset(
    ("file", "local", "memory", "reference", "zip", "tar", "libarchive", "dir", "data", "cached", "blockcache", "filecache", "simplecache")
)  # of fsspec's: of this machine itself, or a view of something else that its options name
KIND = re.compile(r"[a-z][a-z0-9+]{0,19}")
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")  # it becomes a part of a server's name, or of a path
REGION = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")  # so does this
LONGEST = 1_000  # characters of a path, as S3 allows bytes of a key
LONGEST_KEY = 500
MOST_OPTIONS = 50


@dataclass(frozen=True)
class Bucket:
    """What opens it. Without key and secret it is asked as anybody may."""

    kind: str = S3
    bucket: str = ""
    prefix: str = ""  # everything is below it; "" or "some/folder"
    endpoint: str = ""  # the http(s) address of a server that speaks S3; empty: Amazon's own
    region: str = ""
    key: str = ""
    secret: str = field(default="", repr=False)
    options: dict[str, Any] = field(default_factory=dict, repr=False)  # of fsspec's class, where the kind is not S3

    def told(self) -> dict[str, Any]:
        """As JSON, for the command that opens it."""
        return asdict(self)

    @property
    def shown(self) -> str:
        """ "photos/2024", for people."""
        return "/".join(part for part in (self.bucket, self.prefix) if part)


def clean_path(text: str) -> str:
    """A folder or object below a bucket, without slashes at its ends; InputError for one that leads elsewhere or that nobody can read."""
    path = text.strip().strip("/")
    if len(path.encode("utf-8", "replace")) > LONGEST or not path.isprintable():
        raise InputError(f"A path in a bucket has at most {LONGEST:,} bytes, and no control characters.", code="bucket")
    if path and any(part in ("", ".", "..") for part in path.split("/")):
        raise InputError("A path in a bucket has no empty part and no . or .. between its slashes.", code="bucket")
    return path


def checked(given: Mapping[str, Any], kinds: Iterable[str], networks: Iterable[str]) -> Bucket:
    """The bucket of what somebody typed; ConfigError names every wrong field. `networks` as of `addresses.is_let`."""
    said = {name: str(given.get(name) or "").strip() for name in ("kind", "bucket", "prefix", "endpoint", "region", "key", "secret")}
    said["kind"] = said["kind"] or S3
    wrong: dict[str, str] = {}
    if said["kind"] not in kinds:
        wrong["kind"] = f"It must be {' or '.join(kinds)}; {said['kind'][:40]!r} came."
    try:
        said["prefix"] = clean_path(said["prefix"])
    except InputError as error:
        wrong["prefix"] = error.message
    options: dict[str, Any] = {}
    if said["kind"] == S3:
        wrong |= wrong_of_s3(said, networks)
    else:
        options = given.get("options") or {}
        wrong |= wrong_of_others(said, options)
    if wrong:
        raise ConfigError(wrong)
    return Bucket(**said, options=options)


def wrong_of_s3(said: Mapping[str, str], networks: Iterable[str]) -> dict[str, str]:
    """The wrong fields of a bucket of S3."""
    wrong = {}
    if not BUCKET.fullmatch(said["bucket"]):
        wrong["bucket"] = "A bucket's name has 3 to 63 letters, digits, dots and hyphens, without a slash; a folder goes under Folder."
    if said["region"] and not REGION.fullmatch(said["region"]):
        wrong["region"] = "A region is a word such as eu-central-1; leave it empty where you do not know it."
    if said["endpoint"] and (words := wrong_endpoint(said["endpoint"], networks)):
        wrong["endpoint"] = words
    return wrong | wrong_keys(said)


def wrong_keys(said: Mapping[str, str]) -> dict[str, str]:
    """A key and its secret come together or not at all."""
    wrong = {}
    for name, other in (("key", "secret"), ("secret", "key")):
        text = said[name]
        if said[other] and not text:
            wrong[name] = "It is missing; give both, or none for a bucket that everybody may read."
        elif len(text) > LONGEST_KEY or not text.isascii() or not text.isprintable() or " " in text:
            wrong[name] = f"It has at most {LONGEST_KEY} letters, digits and signs, without spaces."
    return wrong


def wrong_endpoint(endpoint: str, networks: Iterable[str]) -> str:
    """What is wrong with the address of a server; empty where nothing is."""
    try:
        place = parsed(endpoint)
    except InputError as error:
        return error.message
    if place.target.rstrip("/"):
        return "The address of the server alone, as in https://minio.example.org:9000; the bucket has a field of its own."
    number = literal(place.host)
    if number is not None and not is_let(number, networks):
        return "This address is of a private network or of this server itself, and is not asked."
    return ""


def wrong_of_others(said: Mapping[str, str], options: Any) -> dict[str, str]:
    """The wrong fields of a place that a package of fsspec's opens."""
    wrong = {}
    try:
        if not clean_path(said["bucket"]):
            wrong["bucket"] = "It is missing."
    except InputError as error:
        wrong["bucket"] = error.message
    if not isinstance(options, dict) or len(options) > MOST_OPTIONS:
        wrong["options"] = f'They must be a JSON object of at most {MOST_OPTIONS} options, such as {{"token": {{…}}}}.'
    for name in ("endpoint", "region", "key", "secret"):
        if said[name]:
            wrong[name] = "It is for S3 alone; this kind has options."
    return wrong
