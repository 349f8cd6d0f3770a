"""What is seen of images that wait in a draft: made by the resident worker when somebody looks, kept beside their archive until the
draft is closed. Losing it loses nothing: it is made again.

synset:peek:turns      sorted set of the teams that wait, by the number of their turn: one look, then the next team's
synset:peek:last       the number that was given last
synset:peek:team:TEAM  list of that team's requests, JSON: {"addition"}
synset:peek:ADDITION   there while one is asked for or looked at, JSON: {"done", "total", "eta"}
"""

from __future__ import annotations

import json
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.db import transaction
from redis.exceptions import OutOfMemoryError, RedisError

from classifier.spec.peeked import IMAGES
from webapp.core.resident import ALIVE, AWAY, FULL, Unavailable
from webapp.datasets import files
from webapp.datasets.draft_models import Addition, Draft

READ = ".*.adding-*"  # in the dataset's folder of versions: what sealings had read of what waits, for the next try
FOLDER = "additions"  # of archives and of what is seen of them, in the dataset's
PEEKS = "synset:peek"
TURNS, LAST = f"{PEEKS}:turns", f"{PEEKS}:last"
ASKED_SECONDS = 20  # for which a request stands before it is asked again: the worker may have died
FAILED_SECONDS = 60.0  # for which a reason stands before somebody who looks has it tried again
TEAM_SECONDS = 3600  # for which a team's list stands after the last request; a page that is open asks again
REDIS_SECONDS = 3.0
NOBODY = "The worker that shows waiting images does not run at the moment; the queue page says more. The images wait all the same."
GONE = "These images do not wait in the draft any more. Reload the page."
MADE = re.compile(r"^\.?(?P<file>.+?)\.seen[\w-]*(\..*)?$")  # what is seen, why nothing is, or either in the making


class Image(NamedTuple):
    """One that would be added."""

    digest: str
    path: str
    label: str  # by its folders or its table; of no meaning where one class was said for all
    row: int  # of the thumbnails
    width: int
    height: int


class Seen(NamedTuple):
    """Of one addition, see `classifier.spec.peeked`."""

    images: list[Image]
    by_digest: dict[str, Image]
    of: int  # images that its archive has
    left: list[dict[str, Any]]
    left_count: int
    is_whole: bool  # whether all of them were looked at
    small: bool
    names_in: dict[str, Any] | None  # how names are read that do not say their encoding
    columns: list[str]  # of their tables that the version gets with them


def archive(addition: Addition) -> Path:
    return addition.draft.dataset.folder / FOLDER / addition.file


def folder(addition: Addition) -> Path:
    """Where thumbnails and classes lie once they were looked at: with one class said for all of them also those without a folder count,
    and names differ by their encoding."""
    path = archive(addition)
    return path.with_name(f"{path.name}.seen{'-one' if addition.label else ''}{f'-{addition.encoding}' if addition.encoding else ''}")


def reason(addition: Addition) -> Path:
    """The file that says why nothing can be seen."""
    path = folder(addition)
    return path.with_name(f"{path.name}.txt")


def read(addition: Addition) -> Seen | None:
    """None before it was looked at."""
    path = folder(addition) / IMAGES
    try:
        return parsed(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=8)
def parsed(path: Path, changed: int) -> Seen:
    """As it lay there at that time: a grid asks for its thumbnails one by one."""
    told = json.loads(path.read_text("utf-8"))
    images = [Image(*row) for row in told["images"]]
    by_digest = {image.digest: image for image in images}
    seen = Seen(images, by_digest, told["of"], told["left"], told["left_count"], told["whole"], told["small"], None, [])
    return seen._replace(names_in=told.get("names_in"), columns=told.get("columns", []))


def failed(addition: Addition) -> str:
    """Why nothing can be seen, as long as that stands; empty where nothing failed."""
    path = reason(addition)
    try:
        return path.read_text("utf-8") if time.time() - path.stat().st_mtime < FAILED_SECONDS else ""
    except FileNotFoundError:
        return ""


def wanted_key(addition: int) -> str:
    """What is there while it is asked for, or looked at."""
    return f"{PEEKS}:{addition}"


def requests_key(team: str) -> str:
    """The list of a team's requests."""
    return f"{PEEKS}:team:{team}"


def put(server: redis.Redis, team: str, addition: int) -> None:
    """A request behind those of its team, which waits for its turn from now on, unless it does already."""
    turn: Any = server.incr(LAST)
    with server.pipeline(transaction=True) as pipe:
        pipe.rpush(requests_key(team), json.dumps({"addition": addition}))
        pipe.expire(requests_key(team), TEAM_SECONDS)
        pipe.zadd(TURNS, {team: turn}, nx=True)
        pipe.execute()


def take(server: redis.Redis, wait_seconds: float) -> int | None:
    """The next request of the team whose turn it is; that team waits behind all others then. None where nothing comes in that time."""
    found: Any = server.bzpopmin([TURNS], timeout=wait_seconds)
    if found is None:
        return None
    team = found[1].decode()
    with server.pipeline(transaction=True) as pipe:
        pipe.lpop(requests_key(team))
        pipe.llen(requests_key(team))
        pipe.incr(LAST)
        request, left, turn = pipe.execute()
    if left:  # whoever dies before this line: the team's next request gives it a turn again
        server.zadd(TURNS, {team: turn}, nx=True)
    return int(json.loads(request)["addition"]) if request else None


def ask(addition: Addition) -> dict[str, Any]:
    """Has it looked at, unless that is under way; how far it is. Raises Unavailable."""
    server = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    key, nothing = wanted_key(addition.pk), {"done": 0, "total": None, "eta": None}
    try:
        if not server.exists(ALIVE):
            raise Unavailable(NOBODY)
        if server.set(key, json.dumps(nothing), ex=ASKED_SECONDS, nx=True):
            put(server, str(addition.draft.dataset.team_id), addition.pk)
        told: Any = server.get(key)
        return dict(json.loads(told)) if told else nothing
    except OutOfMemoryError as error:
        raise Unavailable(FULL.format(what="nothing can be shown")) from error
    except (RedisError, OSError) as error:
        raise Unavailable(AWAY.format(what="nothing can be shown")) from error
    finally:
        server.close()


def remove_archive(draft: Draft, file: str) -> None:
    """Of an addition that has another archive from the end of this transaction on: the one before, and what was seen of it."""
    place = draft.dataset.folder / FOLDER

    def gone() -> None:
        (place / file).unlink(missing_ok=True)
        for path in list(place.glob("*")):
            if (made := MADE.match(path.name)) and made["file"] == file:
                files.remove(path) if path.is_dir() else path.unlink(missing_ok=True)

    transaction.on_commit(gone)


def remove(draft: Draft) -> None:
    """All that was seen of what waits in it, or read of it to seal it."""
    for path in list((draft.dataset.folder / FOLDER).glob("*")):
        if MADE.match(path.name):
            files.remove(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in list((draft.dataset.folder / "versions").glob(READ)):
        files.remove(path)
