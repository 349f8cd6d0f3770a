"""A version on its way to who asked for it: written down in the audit log, and ended with the right to read it."""

from __future__ import annotations

from itertools import chain

from django.http import Http404, HttpRequest
from django.utils.http import content_disposition_header

from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.accounts.lasting import role_now, while_true
from webapp.core.pieces import InPieces
from webapp.datasets import packs
from webapp.datasets.downloads.kinds import WAYS, file_name
from webapp.datasets.models import Dataset, DatasetVersion

GONE = "The images of this dataset are not on this server."


def answer(request: HttpRequest, actor: Actor, version: DatasetVersion, asked: str) -> InPieces:
    """The file, a piece at a time; `asked` is a key of WAYS. Http404 where the version's files are gone."""
    way = WAYS[asked]
    try:
        content = way.make(version)
        parts = iter(content.parts)
        first = next(parts, b"")
    except (packs.Missing, FileNotFoundError) as error:
        raise Http404(GONE) from error
    if request.method == "GET":
        record(actor, "dataset.download", version.dataset, version=version.number, form=way.title)
    session = getattr(request, "session", None)
    key = session.session_key if session is not None and actor.via == "session" else None

    def may() -> bool:
        now = role_now(actor, key)
        return now is not None and now.can("dataset.read") and Dataset.objects.filter(pk=version.dataset_id, team=actor.team).exists()

    made = InPieces(while_true(may, chain([first], parts)), content_type=way.media_type)
    made["Content-Disposition"] = content_disposition_header(True, file_name(version, way)) or "attachment"
    if content.length is not None:
        made["Content-Length"] = str(content.length)
    return made
