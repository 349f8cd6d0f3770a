"""Whether a bucket opens: one page of its list, and a byte of what is first there; and what lies directly in one of its folders."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from classifier.data.names import ARCHIVE_ENDINGS
from classifier.data.remote.line import Passing
from classifier.data.remote.stores import Lost, store_of
from classifier.spec.buckets import Bucket, clean_path
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.words import plural

WHOLE_SECONDS = 15.0


MOST_NAMED = 500  # folders and archives


def connect(bucket: Bucket, networks: Sequence[str] = ()) -> dict[str, Any]:
    """What was found, as an event; ClassifierError where it does not open within WHOLE_SECONDS."""
    return in_words(bucket, look(bucket, networks))


def listed(bucket: Bucket, folder: str, networks: Sequence[str] = ()) -> dict[str, Any]:
    """The folders and archives that lie directly in a folder, as an event; errors as of `connect`."""
    return in_words(bucket, level(bucket, clean_path(folder), networks))


def in_words(bucket: Bucket, asked: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """The answer; a ClassifierError's sentence where there is none."""
    try:
        return asyncio.run(asyncio.wait_for(asked, WHOLE_SECONDS))
    except TimeoutError:
        words = f"No answer of {bucket.endpoint or bucket.kind} within {WHOLE_SECONDS:.0f} s. Look at the server's address."
        raise ClassifierError(words, retry=True, code="bucket") from None
    except Passing as trouble:
        words = str(trouble)
        raise ClassifierError(f"{words[:1].upper()}{words[1:]}. Look at the server's address.", retry=True, code="bucket") from None
    except Lost as lost:
        words = str(lost) if lost.code == "refused" else f"There is nothing at {bucket.shown}; look at bucket and folder."
        raise InputError(words, code="bucket") from None


async def look(bucket: Bucket, networks: Sequence[str]) -> dict[str, Any]:
    async with store_of(bucket, networks) as store:
        page = await store.page("", "", None)
        first = next((found for found in page.found if found.size), None)
        if first is not None:
            await store.read(first, 0, 1)
    count = len(page.found)
    more = page.following is not None
    there = f"{count:,} objects or more" if more else plural(count, "object")
    return {"event": "connected", "objects": count, "more": more, "message": f"It opens: {there} below {bucket.shown}."}


async def level(bucket: Bucket, folder: str, networks: Sequence[str]) -> dict[str, Any]:
    async with store_of(bucket, networks) as store:
        found = await store.level(folder)
    shown = "/".join(part for part in (bucket.shown, folder) if part)
    if folder and not found.folders and not found.objects:
        raise InputError(f"There is nothing at {shown}; look at the folder's name.", code="bucket")
    folders = [name for name in found.folders if can_be_named(name)]
    archives = [name for name, _ in found.objects if name.rpartition(".")[2].lower() in ARCHIVE_ENDINGS and can_be_named(name)]
    others = len(found.objects) - len(archives)
    beside = f", {plural(others, 'other object')}" if others else ""
    return {
        "event": "listed",
        "folder": folder,
        "folders": folders[:MOST_NAMED],
        "archives": archives[:MOST_NAMED],
        "others": others,
        "more": found.more or max(len(folders), len(archives)) > MOST_NAMED,
        "unnamed": len(found.folders) - len(folders),
        "message": f"{plural(len(folders), 'folder')}, {plural(len(archives), 'archive')}{beside} directly in {shown}.",
    }


def can_be_named(name: str) -> bool:
    """Whether a path with that name in it can be chosen."""
    try:
        return bool(name) and "/" not in name and clean_path(name) == name
    except InputError:
        return False
