""" "This is wrong, it is a …": the picture with its class goes into a dataset's draft."""

from __future__ import annotations

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


@require_POST
@allowed("dataset.edit")
def correct(request: Request) -> JsonResponse:
    """What became of the pictures, in words, and where that is seen; or why nothing did."""
    dataset = get_for(request.actor, Dataset, request.POST.get("dataset", ""), "dataset.edit")
    images = request.FILES.getlist("images")
    try:
        check_amount([image.size or 0 for image in images])
        sent = [(image.name or "image", image.read()) for image in images]
        said = feedback.put_right(request.actor, dataset, sent, request.POST.get("label", ""))
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
