"""Images that a network named wrongly, with the class that is right: into a dataset's draft."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.draft_schemas import Label
from webapp.api.errors import ApiError
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets.drafts.corrections import MOST, MOST_BYTES
from webapp.datasets.models import Dataset
from webapp.predictions.feedback import Said, put_right

router = Router()
Images = Annotated[list[UploadedFile], File(..., description=f"One image or up to {MOST}, each as a part of this name.")]
TOO_MUCH = "One call takes {most} images and {limit} MB; {count:,} images and {size:,} MB came. Send several calls."


class CorrectionsOut(Schema):
    """What became of the images in the draft."""

    label: str = Field(description="Of the class, as the draft calls it.", examples=["cow"])
    added: int = Field(description="Images that wait in the draft as that class; sealing adds them to the train split.", examples=[2])
    relabelled: int = Field(description="Images that the dataset had under another class.", examples=[1])
    unchanged: int = Field(description="Images that were of that class already.", examples=[0])
    addition: int | None = Field(description="The upload of the draft in which the added ones wait.", examples=[3])
    words: str = Field(examples=["2 images wait as cow in the draft of Animals."])


@router.post(
    "/datasets/{id}/corrections",
    response=answers({201: CorrectionsOut}, 400, 409, 413, 507),
    openapi_extra=IDEMPOTENCY,
    summary="Put right what a network got wrong",
)
def correct(
    request: Request,
    id: str,
    images: Images,
    label: Annotated[Label, Form(description="The class that is right, by its label or its readable name.")],
) -> Status[Any]:
    """The images are of that class: those that the dataset has already are labelled so in its draft, others wait there to be added, and
    are learnt from. 409 where nothing would change, or where the draft is being sealed; a class that there is not is refused."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    size = sum(image.size or 0 for image in images)
    if len(images) > MOST or size > MOST_BYTES:
        told = {"most": MOST, "limit": MOST_BYTES >> 20, "count": len(images), "size": size >> 20}
        raise ApiError(413, "too_large", TOO_MUCH.format(**told))
    said = put_right(request.actor, dataset, [(image.name or "image", image.read()) for image in images], label)
    return Status(201, shown_of(said))


def shown_of(said: Said) -> dict[str, Any]:
    """As the answer has it."""
    return {name: getattr(said, name) for name in CorrectionsOut.model_fields}
