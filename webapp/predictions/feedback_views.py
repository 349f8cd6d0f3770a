""" "This is wrong, it is a …": the picture with its class goes into a dataset's draft."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import ClassifierError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.datasets.drafts.corrections import check_amount
from webapp.datasets.files import StorageFull
from webapp.datasets.models import Dataset
from webapp.predictions import feedback
from webapp.predictions.many import correcting
from webapp.predictions.many.views import done


@require_POST
@allowed("dataset.edit")
def correct(request: Request) -> JsonResponse:
    """What became of the pictures, in words, and where that is seen; or why nothing did."""
    dataset = get_for(request.actor, Dataset, request.POST.get("dataset", ""), "dataset.edit")
    images = request.FILES.getlist("images")

    def put() -> feedback.Said:
        check_amount([image.size or 0 for image in images])
        sent = [(image.name or "image", image.read()) for image in images]
        return feedback.put_right(request.actor, dataset, sent, request.POST.get("label", ""))

    return answered(put)


@require_POST
@allowed("dataset.edit")
def correct_rows(request: Request, id: str) -> JsonResponse:
    """The same of rows of a classification, whose pictures are here; for the dataset that its network learnt from, or one that is named."""
    found, sent = done(request, id), request.POST
    dataset = get_for(request.actor, Dataset, sent.get("dataset") or correcting.learnt_from(found), "dataset.edit")

    def put() -> feedback.Said:
        return correcting.put_right(request.actor, found, correcting.rows_in(sent.get("rows", "")), dataset, sent.get("label", ""))

    return answered(put)


def answered(put: Callable[[], feedback.Said]) -> JsonResponse:
    """What was said of it, or the sentence of what went wrong."""
    try:
        said = put()
    except ClassifierError as error:
        status = HTTPStatus.INSUFFICIENT_STORAGE if isinstance(error, StorageFull) else HTTPStatus.CONFLICT
        return JsonResponse({"error": error.message}, status=status)
    return JsonResponse({"words": said.words, "link": said.link, "name": said.name})


@require_GET
@allowed("dataset.read")
def classes(request: Request) -> JsonResponse:
    """The classes of a dataset as its draft has them, to choose the right one."""
    dataset = get_for(request.actor, Dataset, request.GET.get("dataset", ""), "dataset.read")
    return JsonResponse({"classes": feedback.classes(dataset)})
