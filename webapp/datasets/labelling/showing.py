"""What the page of a round shows: the next images, how far it is, who else is at it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db.models.functions import Now
from django.http import Http404

from classifier.spec.packfile import UNLABELLED
from webapp.accounts.actor import Actor
from webapp.core.words import duration, percent, plural, thousands
from webapp.datasets import packs
from webapp.datasets.addresses import image_url, shown_size
from webapp.datasets.drafts import classes
from webapp.datasets.labelling.handing import base_of, waiting
from webapp.datasets.labelling.sources import rows_at
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.models import DatasetVersion, Draft

PACED_BY = 40  # newest answers from which the time left is told
LEAST_PACED = 5
SMALL_SIDE = 448  # pixels that a small image fills at a whole multiple


def shown(round: LabelRound, items: Sequence[LabelItem]) -> list[dict[str, Any]]:
    """Each image with its size, and what is known of it. A review is blind: neither label nor path, which would tell it, go out."""
    version, draft = base_of(round.dataset)
    if version is None:
        raise Http404("The images of this dataset are not on this server.")
    rows = rows_at(version, [item.position for item in items])
    try:
        sizes = packs.sizes(version, [sample.image for sample in rows.values()])
    except packs.Missing as error:
        raise Http404("The images of this dataset are not on this server.") from error
    names = names_of(version, draft)
    return [one(round, item, version, names, rows[item.position], sizes) for item in items if item.position in rows]


def one(round: LabelRound, item: LabelItem, version: DatasetVersion, names: dict[str, str], sample: Any, sizes: Any) -> dict[str, Any]:
    width, height = sizes[sample.image]
    told = {
        "id": item.pk,
        "image": image_url(version, sample.image),
        **shown_size(width, height, small=version.small, side=SMALL_SIDE)._asdict(),
    }
    if round.is_review:
        return told | {"path": "", "was": "", "suggested": None}
    suggested = {"label": item.suggested, "name": names.get(item.suggested, item.suggested), "sure": sure(item)} if item.suggested else None
    return told | {"path": sample.path, "was": names.get(item.was, item.was), "suggested": suggested}


def sure(item: LabelItem) -> str:
    return "" if item.score is None else percent(item.score, 0)


def names_of(version: DatasetVersion, draft: Draft | None) -> dict[str, str]:
    """{label: its readable name} of the classes that there are."""
    if draft is not None:
        return {each.label: each.name for each in classes.living(draft)}
    return {entry["label"]: entry["name"] for entry in version.classes}


def offered(round: LabelRound) -> list[tuple[str, str]]:
    """(label, name) of the classes to choose from; that of images without labels is none of them."""
    version, draft = base_of(round.dataset)
    names = names_of(version, draft) if version else {}
    return [(label, name) for label, name in names.items() if label != UNLABELLED]


def progress(actor: Actor, round: LabelRound) -> dict[str, Any]:
    """How far the round is, in figures and in words, read anew."""
    round.refresh_from_db(fields=["answered", "skipped", "passed", "images", "closed_at"])
    left, gap = round.left, pace(round)
    seconds = None if left is None or gap is None else left * gap
    others = waiting(round).filter(until__gt=Now()).exclude(user=actor.user).order_by("user")
    return {
        "fraction": None if not round.images else min(1.0, round.done / round.images),
        "words": words(round),
        "left": f"about {duration(seconds)} left" if seconds else "",
        "others": list(others.values_list("user__username", flat=True).distinct()),
        "skipped": round.skipped,
    }


def words(round: LabelRound) -> str:
    """ "128 of 1,024 labelled, 3 skipped"."""
    of = f" of {thousands(round.images - round.passed)}" if round.images is not None and round.images >= round.passed else ""
    skipped = f", {thousands(round.skipped)} skipped" if round.skipped else ""
    return f"{thousands(round.answered)}{of} {'reviewed' if round.is_review else 'labelled'}{skipped}"


def pace(round: LabelRound) -> float | None:
    """Seconds from one answer to the next, whoever gives them: the median, so that a break does not count."""
    rows = LabelItem.objects.filter(round=round, answered_at__isnull=False).order_by("-answered_at")
    times = list(rows.values_list("answered_at", flat=True)[: PACED_BY + 1])
    if len(times) < LEAST_PACED:
        return None
    gaps = sorted((newer - older).total_seconds() for newer, older in pairwise(filter(None, times)))
    return gaps[len(gaps) // 2]


def whole(actor: Actor, round: LabelRound, items: Sequence[LabelItem], more: bool) -> dict[str, Any]:
    """What the page's script is answered."""
    elsewhere = 0 if items or more else waiting(round).count()
    return {
        "items": shown(round, items),
        "progress": progress(actor, round),
        "more": more,
        "ended": "" if items or more else ended(round, elsewhere),
    }


def ended(round: LabelRound, elsewhere: int) -> str:
    """Why there is nothing to hand out."""
    if not elsewhere:
        return "Every image of this round was handed out."
    images, are = plural(elsewhere, "image"), "is" if elsewhere == 1 else "are"
    if round.is_review:
        return f"{images} of the review {are} for others: whoever labelled an image does not review it."
    return f"{images} {are} with others just now; what they leave comes back to you in two minutes."
