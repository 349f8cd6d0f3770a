"""Versions of datasets as files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query, Router

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.lookups import Number, version_at
from webapp.api.service import answers
from webapp.core.pieces import InPieces
from webapp.datasets.downloads.answers import answer
from webapp.datasets.models import Dataset

router = Router()
Way = Literal["folders", "imagefolder", "csv", "jsonl"]
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES: dict[str, Any] = {
    "responses": {200: {"description": "The file.", "content": dict.fromkeys(("application/zip", "text/csv", "application/jsonl"), BINARY)}}
}


@router.get("/datasets/{id}/versions/{number}/download", response=answers({200: None}), openapi_extra=FILES, summary="Download a version")
def download_version(
    request: Request,
    id: str,
    number: Number,
    way: Annotated[Way, Query(alias="as", description="The images as a zip of folders, or the rows as a table.")] = "folders",
) -> InPieces:
    """A zip of class folders or of HuggingFace's imagefolder, with its length beforehand; or the rows as CSV or JSON lines.

    An answer that ends before its end is not whole: the right to read may have ended meanwhile.
    """
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    return answer(request, request.actor, version_at(dataset, number), way)
