"""Versions of a dataset beside one another: listed, compared, described by their data card and by the changes that made them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from django.http import Http404, HttpResponse
from ninja import Query, Router

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.difference_schemas import Compare, Describe, Described, DifferenceOut
from webapp.api.errors import ApiError
from webapp.api.images import NOT_HERE
from webapp.api.lookups import Number, version_at
from webapp.api.paging import cursor_behind, number_in, numbered_page
from webapp.api.service import answers
from webapp.api.version_schemas import VersionList, VersionPage
from webapp.core.pieces import FileInPieces
from webapp.datasets import describing, differences, packs
from webapp.datasets.models import CHANGES, Dataset, DatasetVersion, Sample
from webapp.datasets.queries import SPLIT_NAMES, sealed_versions
from webapp.datasets.views import card

router = Router()
Way = Literal["markdown", "html"]
TEXT = {"schema": {"type": "string"}}
CARD: dict[str, Any] = {"responses": {200: {"description": "The file.", "content": {"text/markdown": TEXT, "text/html": TEXT}}}}
LINES: dict[str, Any] = {"responses": {200: {"description": "A change a line.", "content": {"application/jsonl": TEXT}}}}
STALE = "Somebody else has saved other words since these were read. Read them again, take over what you need, then send yours."
FIRST = "This version was not made from another one."


@router.get("/datasets/{id}/versions", response=answers({200: VersionList}), summary="Versions of a dataset")
def list_versions(request: Request, id: str, page: Query[VersionPage]) -> dict[str, Any]:
    """The sealed versions, the newest first; none before the import has succeeded."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    rows, following = numbered_page(sealed_versions(dataset).select_related("parent"), page)
    return {"items": [version_shown(row) for row in rows], "next": following}


def version_shown(version: DatasetVersion) -> dict[str, Any]:
    """A version as the API tells it."""
    return {
        "number": version.number,
        "fingerprint": version.fingerprint,
        "images": version.images,
        "classes": len(version.classes),
        "parent": version.parent.number if version.parent else None,
        "changes": version.changes,
        "sealed_at": version.sealed_at,
    }


@router.get("/datasets/{id}/versions/{number}/difference", response=answers({200: DifferenceOut}), summary="Compare two versions")
def compare_versions(request: Request, id: str, number: Number, page: Query[Compare]) -> dict[str, Any]:
    """What a version changed against another one: counted by kind and by class, and the images of one kind by position."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    after, before = version_at(dataset, number), version_at(dataset, page.base or max(1, number - 1))
    try:
        found = differences.between(differences.rows_of(before), differences.rows_of(after))
    except packs.Missing:
        raise Http404(NOT_HERE) from None
    positions = found.positions(page.kind)
    start = int(np.searchsorted(positions, number_in(page.cursor), side="right")) if page.cursor else 0
    some = positions[start : start + page.limit].tolist()
    return {
        "base": before.number,
        "version": after.number,
        "counts": {kind: len(found.positions(kind)) for kind in differences.KINDS},
        "turns": [pair._asdict() for pair in found.pairs],
        "renamed": [pair._asdict() for pair in found.renamed],
        "items": changed(some, before, after),
        "next": cursor_behind(some[-1]) if start + page.limit < len(positions) else None,
    }


def changed(positions: list[int], before: DatasetVersion, after: DatasetVersion) -> list[dict[str, Any]]:
    """What each of the two says of those images."""
    olds, news = (
        {sample.position: sample for sample in Sample.objects.filter(version=version, position__in=positions)}
        for version in (before, after)
    )
    return [
        {
            "position": position,
            "path": (news.get(position) or olds[position]).path,
            "before": standing(before, olds.get(position)),
            "after": standing(after, news.get(position)),
        }
        for position in positions
        if position in news or position in olds
    ]


def standing(version: DatasetVersion, sample: Sample | None) -> dict[str, Any] | None:
    return None if sample is None else {"label": version.classes[sample.label]["label"], "split": SPLIT_NAMES[sample.split]}


@router.get(
    "/datasets/{id}/versions/{number}/changes", response=answers({200: None}, 409), openapi_extra=LINES, summary="Changes of a version"
)
def read_changes(request: Request, id: str, number: Number) -> FileInPieces:
    """The file of changes that a version was made with, as `python -m classifier revise` takes it. 409 of the first one."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    try:
        file = (version_at(dataset, number).folder / CHANGES).open("rb")
    except FileNotFoundError:
        raise ApiError(409, "nothing", FIRST) from None
    return FileInPieces(file, as_attachment=True, filename=f"version-{number}.jsonl", content_type="application/jsonl")


@router.get("/datasets/{id}/versions/{number}/card", response=answers({200: None}), openapi_extra=CARD, summary="Data card of a version")
def read_card(
    request: Request,
    id: str,
    number: Number,
    way: Annotated[Way, Query(alias="as", description="Markdown, or one HTML file without scripts.")] = "markdown",
) -> HttpResponse:
    """What is known of a version, written from the facts."""
    version = version_at(get_for(request.actor, Dataset, id, "dataset.read"), number)
    return card.file_of(version, way)


@router.get("/datasets/{id}/description", response=answers({200: Described}), summary="Read the description")
def read_description(request: Request, id: str) -> dict[str, Any]:
    """What the team wrote for the data card."""
    return described(get_for(request.actor, Dataset, id, "dataset.read"))


def described(dataset: Dataset) -> dict[str, Any]:
    return {"id": dataset.id, "description": dataset.description, "licence": dataset.licence, "mark": describing.mark(dataset)}


@router.patch("/datasets/{id}/description", response=answers({200: Described}, 409), summary="Describe a dataset")
def describe_dataset(request: Request, id: str, body: Describe) -> dict[str, Any]:
    """Keeps what is given of description and licence. With `mark`, 409 where somebody else has saved other words since."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    kept = {"description": dataset.description, "licence": dataset.licence}
    words = kept | body.model_dump(exclude_none=True, exclude={"mark"})
    begun = body.mark or describing.mark(dataset)  # what is left out was read now
    if describing.describe(request.actor, dataset, **words, begun_from=begun).stale:
        raise ApiError(409, "stale", STALE)
    return described(dataset)
