"""Images of a version, for those who may read it. Nothing of what was uploaded is served as it came."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core.ids import is_id
from webapp.datasets import packs
from webapp.datasets.models import DatasetVersion

MOST_IMAGES = 2**32  # rows are 32-bit numbers
NEEDED = ("number", "erased", "dataset__id")  # of a version: a page asks for many images, and a thousand classes are long to read
SANDBOXED = {  # never sniffed, and without any right should a browser open it as a page
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
@allowed("dataset.read")
def thumb(request: Request, id: str, version: int, image: int) -> HttpResponse:
    """A thumbnail; a version never changes, so a browser may keep it for good."""
    return served(request, id, version, image, packs.thumbnail)


@require_safe
@allowed("dataset.read")
def image(request: Request, id: str, version: int, image: int) -> HttpResponse:
    """The whole picture, without the metadata it came with."""
    return served(request, id, version, image, packs.picture)


def served(request: Request, id: str, number: int, image: int, read: Callable[[DatasetVersion, int], tuple[bytes, str]]) -> HttpResponse:
    """The bytes with the headers that keep them an image and nothing else."""
    if not is_id(id) or not 0 <= image < MOST_IMAGES or number > 2**31:
        raise Http404("There is no such image.")
    rows = DatasetVersion.objects.filter(
        dataset_id=id, number=number, ready=True, dataset__team=request.actor.team, dataset__trashed_at=None
    )
    version = rows.select_related("dataset").only(*NEEDED).first()
    if version is None:
        raise Http404("There is no such image.")
    try:
        data, media_type = read(version, image)
    except packs.Missing:
        raise Http404("There is no such image.") from None
    return HttpResponse(data, content_type=media_type, headers=safe_headers())


def safe_headers() -> dict[str, str]:
    """Private, immutable, and sandboxed."""
    return {"Cache-Control": "private, max-age=31536000, immutable"} | SANDBOXED
