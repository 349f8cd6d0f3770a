"""What the check before a training found: for its page, and its pictures. The engine wrote it into the RUN folder."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.words import percent
from webapp.experiments.models import Experiment

FILE, RUN, PICTURES = "preflight.json", "run.json", "first-batch"
PIXELATED_UNTIL = 64  # pixels a side, up to which single ones are to be seen
KEPT = "private, max-age=300"  # a training that starts over draws others


def found(experiment: Experiment) -> dict[str, Any]:
    """{"message", "picked", "pixels", "pictures": [{"place", "words"}]}; empty while there was no check."""
    try:
        told, run = (json.loads((experiment.folder / name).read_text(encoding="utf-8")) for name in (FILE, RUN))
        pictures = [{"place": place, "words": class_words(each["classes"])} for place, each in enumerate(told["pictures"])]
        picked = [str(words) for words in run.get("picked", [])]
        return {"message": told["message"], "picked": picked, "pixels": told["image_size"] <= PIXELATED_UNTIL, "pictures": pictures}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def class_words(classes: list[tuple[str, float]]) -> str:
    """The class of a picture; of one that is mixed each with its share."""
    if len(classes) == 1:
        return classes[0][0]
    return ", ".join(f"{percent(share, 0)} {name}" for name, share in classes)


@require_GET
@allowed("experiment.read")
def first_batch(request: Request, id: str, place: int) -> HttpResponse:
    """One picture of the first batch."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    try:
        data = (experiment.folder / PICTURES / f"{place:02}.png").read_bytes()
    except OSError:
        raise Http404("There is no such picture of the first batch.") from None
    return HttpResponse(data, content_type="image/png", headers={"Cache-Control": KEPT})
