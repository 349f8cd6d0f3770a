"""Why a network says what it says, of an image of an evaluation and of any other."""

from __future__ import annotations

from typing import Annotated, Any

from asgiref.sync import sync_to_async
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError
from webapp.api.explaining_schemas import ExplanationOut, Method
from webapp.api.idempotency import shown_once
from webapp.api.routes.evaluations import published_source, ready_to_classify
from webapp.api.service import IDEMPOTENCY, answers
from webapp.core.resident import Unavailable
from webapp.evaluations.explain import asking
from webapp.evaluations.models import Evaluation
from webapp.experiments import why_client
from webapp.predictions.actions import MOST_BYTES

router = Router()
SHOWN = ("method", "label", "name", "probability", "map", "image", "overlay", "top", "epoch", "seconds", "side")
How = Annotated[Method, Query(description="Grad-CAM, integrated gradients, or occlusion.")]
Label = Annotated[str, Query(max_length=asking.LABEL_LENGTH, description="The class to explain; without it, what the network says.")]
Which = Annotated[str, Query(max_length=40, description="Another experiment, whose best network is asked in the evaluation's place.")]


@router.get(
    "/evaluations/{id}/images/{row}/explanation",
    response=answers({200: ExplanationOut}, 503),
    exclude_none=True,
    summary="Explain an image of an evaluation",
)
async def explain_row(
    request: Request, id: str, row: int, method: How = "gradcam", label: Label = "", experiment: Which = ""
) -> dict[str, Any]:
    """Which parts of the image speak for a class; `row` is its place in the file of predictions, from 0.

    Of an image that was erased 422 with a sentence."""
    found, side = await sync_to_async(looked_up)(request, id, row, asking.Asked(method, label, experiment))
    question = {"about": "why", "method": method, "label": label}
    return await answered(side.source, side.checkpoint, found.picture, question, raw=side.raw)


def looked_up(request: Request, id: str, row: int, asked: asking.Asked) -> tuple[asking.Row, asking.Side]:
    """The image, and the network that is asked."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    if not 0 <= row < 2**31:
        raise ApiError(404, "not_found", asking.NO_ROW.format(row=row))
    return asking.row_of(evaluation, row), asking.sides_of(request.actor, evaluation, asked)[-1]


@router.post(
    "/experiments/{id}/explain",
    response=answers({200: ExplanationOut}, 400, 409, 413, 503),
    exclude_none=True,
    openapi_extra=IDEMPOTENCY,
    summary="Explain any image",
)
async def explain_image(
    request: Request,
    id: str,
    image: Annotated[UploadedFile, File(..., description="An image file.")],
    method: Annotated[Method, Form(description="Grad-CAM, integrated gradients, or occlusion.")] = "gradcam",
    label: Annotated[str, Form(max_length=asking.LABEL_LENGTH, description="As in the other call.")] = "",
) -> dict[str, Any]:
    """The same of a picture that is sent, which is looked at and forgotten. 409 while the experiment has no trained network."""
    experiment = await sync_to_async(ready_to_classify)(request, id)
    picture = await sent(request, image)
    return await answered(str(experiment.folder), "best", picture, {"about": "why", "method": method, "label": label})


@router.post(
    "/models/{name}/explain",
    response=answers({200: ExplanationOut}, 400, 409, 413, 503),
    exclude_none=True,
    openapi_extra=IDEMPOTENCY,
    summary="Explain any image with a published network",
)
async def explain_published(
    request: Request,
    name: str,
    image: Annotated[UploadedFile, File(..., description="An image file.")],
    method: Annotated[Method, Form(description="Grad-CAM, integrated gradients, or occlusion.")] = "gradcam",
    label: Annotated[str, Form(max_length=asking.LABEL_LENGTH, description="A synset id; without it, what the network says.")] = "",
) -> dict[str, Any]:
    """The same by a network of the catalogue with its own 1,000 classes of ImageNet. 409 where its weights are not on the server."""
    request.actor.require("classify")
    source = await sync_to_async(published_source)(request.actor, name)
    picture = await sent(request, image)
    return await answered(source, "best", picture, {"about": "why", "method": method, "label": label})


async def sent(request: Request, image: UploadedFile) -> why_client.Picture:
    """The picture of a call, in whose answer it stands: it lies nowhere in the clear. ApiError for one that is too large."""
    shown_once(request)
    if (image.size or 0) > MOST_BYTES:
        raise ApiError(413, "too_large", f"An image may have {MOST_BYTES // 10**6} MB; {(image.size or 0) / 1e6:,.0f} MB came.")
    return why_client.Picture(image.name or "image", await sync_to_async(image.read)())


async def answered(
    run: str, checkpoint: str, picture: why_client.Picture, question: dict[str, Any], *, raw: bool = False
) -> dict[str, Any]:
    """The worker's answer; of an explanation its method's own figures together."""
    try:
        found = await why_client.ask(run, picture, question, checkpoint=checkpoint, raw=raw)
    except why_client.Refused as error:
        raise ApiError(422, "invalid", str(error)) from error
    except Unavailable as error:
        raise ApiError(503, "unavailable", str(error), Retry_After="2") from error
    if question["about"] != "why":
        return found
    return found | {"figures": {name: value for name, value in found.items() if name not in SHOWN}}
