"""A version on its way to who asked for it: written down in the audit log, and ended with the right to read it."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import cast

from django.http import Http404, HttpRequest
from django.utils.http import content_disposition_header

from webapp.accounts.actor import Actor, Request
from webapp.accounts.audit import record
from webapp.accounts.lasting import still_let_in
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
    made = InPieces(chain([first], parts), content_type=way.media_type)
    made.still = partial(still_there, request, actor, version)
    made["Content-Disposition"] = content_disposition_header(True, file_name(version, way)) or "attachment"
    if content.length is not None:
        made["Content-Length"] = str(content.length)
    return made


def still_there(request: HttpRequest, actor: Actor, version: DatasetVersion) -> bool:
    """Whether the reader still may read, and the dataset is neither trashed nor another team's."""
    mine = Dataset.objects.filter(pk=version.dataset_id, team=actor.team)
    return still_let_in(cast(Request, request), actor, "dataset.read") and mine.exists()
