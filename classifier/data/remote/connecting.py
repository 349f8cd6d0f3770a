"""Whether a bucket opens: one page of its list, and a byte of what is first there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from classifier.data.remote.line import Passing
from classifier.data.remote.stores import Lost, store_of
from classifier.spec.buckets import Bucket
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.words import plural

WHOLE_SECONDS = 15.0


def connect(bucket: Bucket, networks: Sequence[str] = ()) -> dict[str, Any]:
    """What was found, as an event; ClassifierError where it does not open within WHOLE_SECONDS."""
    try:
        return asyncio.run(asyncio.wait_for(look(bucket, networks), WHOLE_SECONDS))
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
