"""Which images of a draft's waiting uploads a page shows, and how each of them stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from classifier.spec.peeked import MOST_IMAGES
from webapp.accounts.actor import Request
from webapp.datasets.addresses import shown_size
from webapp.datasets.draft_models import Addition, Draft
from webapp.datasets.drafts import adding, peeks
from webapp.datasets.drafts.changing import NOTHING
from webapp.datasets.drafts.waiting import Stand, standing
from webapp.datasets.views.looking import Look

TILES = 60
DIGITS = 10
CHANGED = "~"  # in place of a class: images of which something is said alone
OUT = {True: "not added", False: "class taken out"}  # whether somebody said so of it alone


class Shown(NamedTuple):
    """An upload that waits, and which of its images are shown."""

    draft: Draft
    addition: Addition
    seen: peeks.Seen | None  # None before they were looked at
    images: list[peeks.Image]
    only: str  # of which class, CHANGED, or all of them


def shown_of(request: Request, draft: Draft | None) -> Shown | None:
    """None where nothing waits; Http404 for an upload that does not wait in the draft."""
    found = adding.waiting(draft) if draft is not None else []
    asked = request.GET.get("addition", "")
    chosen = [one for one in found if str(one.pk) == asked] if asked else found[:1]
    if asked and not chosen:
        raise Http404("These images do not wait in the draft any more.")
    if draft is None or not chosen:
        return None
    chosen[0].draft = draft
    seen, only = peeks.read(chosen[0]), request.GET.get("only", "").replace("\0", "")
    return Shown(draft, chosen[0], seen, images_of(chosen[0], seen, only) if seen else [], only)


def images_of(addition: Addition, seen: peeks.Seen, only: str) -> list[peeks.Image]:
    """By their paths; those that will be of one class, or of which something is said alone."""
    if not only:
        return seen.images
    stands = standing(addition, seen.images)
    if only == CHANGED:
        return [stand.image for stand in stands if stand.says != NOTHING]
    return [stand.image for stand in stands if label_of(stand) == only]


def label_of(stand: Stand) -> str | None:
    """Of the class that it will be added to; None of one that is not added."""
    return None if stand.says.removed or stand.now is None else stand.now.label


def choices(shown: Shown) -> list[tuple[str, str]]:
    """(value, words) of what may be shown alone: what is changed, then each class, with how many images."""
    assert shown.seen is not None
    stands = list(standing(shown.addition, shown.seen.images))
    changed = sum(stand.says != NOTHING for stand in stands)
    names = {stand.now.label: stand.now.name for stand in stands if stand.now}
    counts = Counter(label for stand in stands if (label := label_of(stand)) is not None)
    told = [(CHANGED, f"changed ({changed:,})")] if changed or shown.only == CHANGED else []
    told += [(label, f"{names[label]} ({count:,})") for label, count in sorted(counts.items())]
    return told if len(told) > 1 or shown.only else []


def grid(request: Request, seen: Look, shown: Shown) -> dict[str, Any]:
    """The tiles of a place of the list, which of them may be changed, and what is known of the rest."""
    start, total = place_of(request, shown), len(shown.images)
    query = f"?{urlencode({'addition': shown.addition.pk} | ({'only': shown.only} if shown.only else {}))}"
    behind = f"{query}&at={start + TILES}"
    more = start + TILES < total
    return {
        "tiles": tiles_of(shown, shown.images[start : start + TILES]),
        "editable": seen.editable,
        "seen": shown.seen,
        "only": shown.only,
        "changed": shown.only == CHANGED,
        "total": total,
        "start": start,
        "address": reverse("datasets:waiting-tiles", args=[shown.draft.dataset_id]) + query,
        "next": reverse("datasets:waiting-tiles", args=[shown.draft.dataset_id]) + behind if more else "",
        "further": reverse("datasets:waiting", args=[shown.draft.dataset_id]) + behind,
        "progress": {"done": True},
        "change_url": reverse("datasets:change-waiting", args=[shown.draft.dataset_id, shown.addition.pk]),
    }


def place_of(request: Request, shown: Shown) -> int:
    """Where the tiles begin: `at` that place, or `after` an image, which may be shown no more."""
    after = shown.seen.by_digest.get(request.GET.get("after", "")) if shown.seen else None
    if after is not None:
        return bisect_right(shown.images, after.path, key=path_of)
    at = request.GET.get("at", "")
    return min(int(at), len(shown.images)) // TILES * TILES if at.isascii() and at.isdecimal() and len(at) < DIGITS else 0


def between(shown: Shown, ends: str) -> dict[str, Any]:
    """As the gallery tells a range: the images from one of the list to another, both with it; of all where none are named."""
    known = shown.seen.by_digest if shown.seen else {}
    paths = [known[end].path for end in ends.split(",") if end in known]
    start = min((bisect_left(shown.images, path, key=path_of) for path in paths), default=0)
    behind = max((bisect_right(shown.images, path, key=path_of) for path in paths), default=len(shown.images))
    found = [image.digest for image in shown.images[start:behind]]
    return {"count": len(found), "most": MOST_IMAGES, "positions": found}


def path_of(image: peeks.Image) -> str:
    """By which they stand in the list."""
    return image.path


def tiles_of(shown: Shown, images: Iterable[peeks.Image]) -> list[dict[str, Any]]:
    """As the gallery shows images, with the class that each will have."""
    return [tile(shown, stand.image) | overlaid(shown.addition, stand) for stand in standing(shown.addition, images)]


def tile(shown: Shown, image: peeks.Image) -> dict[str, Any]:
    """Its picture at a size known beforehand."""
    small = shown.seen is not None and shown.seen.small
    place = [shown.draft.dataset_id, shown.addition.pk, image.digest]
    seen_at = {"thumb": reverse("datasets:waiting-thumb", args=place), "image": reverse("datasets:waiting-image", args=place)}
    size = shown_size(image.width, image.height, small=small)._asdict() | {"pixels": f"{image.width} × {image.height}"}
    return {**seen_at, **size, "split": "waiting", "path": image.path, "position": image.digest}


def overlaid(addition: Addition, stand: Stand) -> dict[str, Any]:
    """Its class, and what the draft says of it alone."""
    as_of_all = stand.own.name if stand.own else addition.label or stand.image.label
    if stand.says.removed or stand.now is None:
        return {"name": stand.now.name if stand.now else as_of_all, "state": "removed", "was": OUT[stand.says.removed]}
    changed = {"state": "changed", "was": f"was {as_of_all}"} if stand.says.label is not None else {}
    return {"name": stand.now.name, **changed}
