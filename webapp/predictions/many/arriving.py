"""Pictures to classify that come in parts, as archives of datasets do (webapp.datasets.uploads)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404

from classifier.spec.errors import ClassifierError
from webapp.accounts.actor import Actor
from webapp.datasets.files import Archive, StorageFull
from webapp.datasets.models import Upload
from webapp.datasets.uploads.refusals import Refused
from webapp.predictions.many import asking

NAME = "classification"  # what its metadata says that it becomes
DELETED = "The network was deleted while the pictures were sent"


def check(actor: Actor, told: dict[str, str]) -> dict[str, Any]:
    """Before the first byte: whether the network can classify."""
    actor.require("experiment.create")
    return {"network": asking.chosen(actor, told.get("network", "")).value}


def make(actor: Actor, archive: Archive, upload: Upload, also: asking.Also) -> None:
    """With the last byte; Refused where the network went while it was sent, so that one may choose another."""
    wanted = (upload.purpose or {})["network"]
    try:
        asking.begin(actor, archive, upload.archive_name, wanted, also, called=called(upload))
    except StorageFull:
        raise
    except (Http404, ClassifierError) as error:
        why = error.message.removesuffix(".") if isinstance(error, ClassifierError) else DELETED
        raise Refused(HTTPStatus.CONFLICT, "no_network", f"{why}. Discard this upload, then send them with another network.") from error


def called(upload: Upload) -> str:
    """Of a folder, or of single images, without the ending of the archive that the browser made of them on the way."""
    return upload.archive_name.removesuffix(".tar") if upload.is_folder else upload.archive_name
