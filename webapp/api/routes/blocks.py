"""Blocks that a report is composed of."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import Missing, get_for
from webapp.api.block_schemas import BlockAsked, BlockChoices, BlockEdit, BlockList, BlockOut
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.service import IDEMPOTENCY, answers
from webapp.reports import actions
from webapp.reports.blocks import showing
from webapp.reports.models import Block, Report

router = Router()
STALE = "Somebody else has saved this block since this edit began. Read it again, take over what you need, then send yours."


@router.get("/reports/{id}/blocks", response=answers({200: BlockList}), summary="Blocks of a report")
def list_blocks(request: Request, id: str) -> dict[str, Any]:
    """What they are, in their order; each one's own call says what it shows."""
    report = get_for(request.actor, Report, id, "report.read")
    return {"items": [row(block, number) for number, block in enumerate(showing.blocks_of(report), 1)]}


@router.post("/reports/{id}/blocks", response=answers({201: BlockOut}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Add a block")
def create_block(request: Request, id: str, body: BlockAsked) -> Status[Any]:
    """A new block, seen wherever the report is: by the team, behind its links, in its file and on paper."""
    report = get_for(request.actor, Report, id, "report.edit")
    block = actions.add(request.actor, report, body.kind, title=body.title, text=body.text, choices=given_of(body.choices))
    if body.place is not None:
        actions.move(request.actor, block, body.place - 1)
    return Status(201, out(block))


@router.get("/reports/{id}/blocks/{block}", response=answers({200: BlockOut}), summary="Read a block")
def read_block(request: Request, id: str, block: str) -> dict[str, Any]:
    """What it is and what it shows now."""
    return out(found(request, id, block, "report.read"))


@router.patch("/reports/{id}/blocks/{block}", response=answers({200: BlockOut}, 409), summary="Change or move a block")
def edit_block(request: Request, id: str, block: str, body: BlockEdit) -> dict[str, Any]:
    """Changes what is given of title, text and choices. With `revision`, 409 when somebody else has saved since."""
    changed = found(request, id, block, "report.edit")
    given = body.model_fields_set
    if given & {"title", "text"} or body.choices is not None:
        change(request, changed, body, given)
    if body.place is not None:
        actions.move(request.actor, changed, body.place - 1)
    return out(changed)


def change(request: Request, block: Block, body: BlockEdit, given: set[str]) -> None:
    """What is not given stays. Raises ApiError and FieldErrors."""
    edited = actions.change(
        request.actor,
        block,
        title=body.title if "title" in given else block.title,
        text=body.text if "text" in given else block.text,
        choices=None if body.choices is None else given_of(body.choices),
        revision=block.revision if body.revision is None else body.revision,  # what stays was read at that revision
    )
    if edited.stale:
        raise ApiError(409, "stale", STALE)
    if edited.wrong:
        raise FieldErrors(edited.wrong)


@router.delete("/reports/{id}/blocks/{block}", response=answers({204: None}), summary="Take a block out")
def delete_block(request: Request, id: str, block: str) -> HttpResponse:
    """For good."""
    actions.remove(request.actor, found(request, id, block, "report.edit"))
    return HttpResponse(status=204)


def given_of(choices: BlockChoices | None) -> dict[str, Any]:
    """Those that were sent."""
    return choices.model_dump(exclude_unset=True) if choices else {}


def found(request: Request, id: str, block: str, verb: str) -> Block:
    """A block of that report."""
    report, wanted = get_for(request.actor, Report, id, verb), get_for(request.actor, Block, block, verb)
    if wanted.report_id != report.pk:
        raise ApiError(404, "not_found", "This report has no block of this id.")
    return wanted


def row(block: Block, number: int) -> dict[str, Any]:
    told = {name: getattr(block, name) for name in ("id", "kind", "title", "text", "revision")}
    return told | {"place": number, "choices": block.options}


def out(block: Block) -> dict[str, Any]:
    """With what it shows, alone of all."""
    blocks = showing.blocks_of(block.report)
    number, kept = next(((at, each) for at, each in enumerate(blocks, 1) if each.pk == block.pk), (0, None))
    if kept is None:  # taken out at this moment
        raise Missing(Block, block.pk)
    (shown,) = showing.shown(block.report, showing.for_members(block.report), [kept])
    images = [
        {"path": image.path, "label": image.true, "predicted": image.said, "probability": image.probability, "loss": image.loss}
        for image in shown.pictures
    ]
    told = {"shows": shown.title, "note": shown.note, "trouble": shown.trouble, "words": shown.words, "figure": shown.figure}
    return (
        row(kept, number)
        | told
        | {"head": [title for title, _ in shown.head], "rows": [line.cells for line in shown.rows], "images": images}
    )
