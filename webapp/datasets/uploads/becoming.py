"""Archives that become something else than a dataset, such as pictures to classify: whose apps tell in `webapp.datasets.hooks.takers`."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from classifier.spec.errors import ConfigError
from webapp.accounts.actions import still_may
from webapp.accounts.actor import Actor
from webapp.datasets.files import Arrived
from webapp.datasets.hooks import Taker, takers
from webapp.datasets.models import Upload
from webapp.datasets.uploads import refusals
from webapp.datasets.uploads.part import Part


def checked(actor: Actor, told: dict[str, str]) -> dict[str, Any]:
    """What is kept with an upload of that metadata; ConfigError with the field that is wrong."""
    what = told["becomes"]
    if what not in takers:
        raise ConfigError({"becomes": f"must be one of {', '.join(sorted(takers))}, or left out for a dataset; {what[:40]!r} came"})
    return {"becomes": what, **import_string(takers[what].check)(actor, told)}


def taker(upload: Upload) -> Taker:
    """Who takes it."""
    found: Taker = takers[(upload.purpose or {})["becomes"]]
    return found


def make(actor: Actor, part: Part) -> None:
    """Of the whole archive, with the upload's end in one transaction. Refused where it was discarded or finished meanwhile."""
    upload = part.upload

    def also(id: str) -> None:
        still_may(actor, "dataset.edit")
        rows = Upload.objects.filter(pk=upload.pk, offset=part.told, finished_at=None)
        purpose = {**(upload.purpose or {}), "made": id}
        if not rows.update(offset=part.size, finished_at=Now(), touched_at=Now(), purpose=purpose):
            raise refusals.gone(upload)
        transaction.on_commit(part.finish)

    import_string(taker(upload).make)(actor, Arrived(upload.path), upload, also)
