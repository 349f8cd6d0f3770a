"""The objects below a folder of a bucket, a page at a time: none is held for longer than its turn."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from classifier.data.archive import MAX_MEMBERS
from classifier.data.remote import members
from classifier.data.remote.patience import Patience
from classifier.data.remote.stores import Found, Lost, Page, Store, Wanted
from classifier.spec.errors import InputError
from classifier.spec.events import OnEvent

ANSWER_SECONDS = 60.0  # for a page, however busily a server sends
TELL_SECONDS = 1.0
MOST_EMPTY_PAGES = 100


class Listing:
    """Of one copy."""

    def __init__(self, store: Store, wanted: Wanted, patience: Patience) -> None:
        self.store, self.wanted, self.patience = store, wanted, patience

    async def counted(self, on_event: OnEvent) -> tuple[int, int]:
        """(objects, bytes that are worth copying), before any is: for the time it takes, and the room it needs."""
        objects = total = 0
        told = time.monotonic()
        async for found in self.behind(""):
            objects += 1
            total += members.cost(found, self.name_of(found))
            self.wanted.check_size(total)
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                counted = {"done": objects, "total": None, "unit": "objects", "fraction": 0.0, "eta_seconds": None, "rate": None}
                on_event({"event": "progress", "stage": "listing", **counted})
        return objects, total

    async def behind(self, after: str) -> AsyncIterator[Found]:
        """The objects behind that key, in order."""
        following: str | None = None
        last, empty, count = after, 0, 0
        while True:
            page = await self.page(last, following)
            count += len(page.found)
            if count > MAX_MEMBERS:
                raise InputError(f"{self.wanted.shown} holds over {MAX_MEMBERS:,} objects, the most that are taken.", code="too_large")
            for found in page.found:
                last = found.key
                yield found
            empty = 0 if page.found else empty + 1
            if page.following is None:
                return
            if page.following == following or empty > MOST_EMPTY_PAGES:
                raise InputError(f"The list of {self.wanted.shown} does not come to an end; that server does not speak S3.", code="bucket")
            following = page.following

    async def page(self, after: str, following: str | None) -> Page:
        try:
            return await self.patience.tried(lambda: self.store.page(self.wanted.path, after, following), ANSWER_SECONDS)
        except Lost as lost:
            raise (nothing_at(self.wanted) if lost.code == "gone" else InputError(str(lost), code="bucket")) from None

    def name_of(self, found: Found) -> str:
        """Within the folder."""
        return found.key[len(self.wanted.path) + 1 :] if self.wanted.path else found.key


def nothing_at(wanted: Wanted) -> InputError:
    return InputError(f"There is nothing at {wanted.shown}; look at the folder's name.", code="bucket")
