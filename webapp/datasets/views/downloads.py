"""A version to take along."""

from __future__ import annotations

from django.http import Http404
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.pieces import InPieces
from webapp.datasets import queries
from webapp.datasets.downloads.answers import answer
from webapp.datasets.downloads.kinds import WAYS
from webapp.datasets.models import Dataset
from webapp.datasets.views import looking


@require_safe
@allowed("dataset.read")
def download(request: Request, id: str, version: int) -> InPieces:
    """The sealed version as `?as=` says: folders, imagefolder, csv or jsonl."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    newest = queries.newest_version(dataset)
    asked = request.GET.get("as", "folders")
    if newest is None or asked not in WAYS:
        raise Http404(f"This dataset has no version to download as that; there are {', '.join(WAYS)}.")
    return answer(request, request.actor, looking.version_of(dataset, str(version), newest), asked)
