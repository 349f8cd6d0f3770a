"""Composing a report of blocks: the page on which editors add, change, move and take them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.reports import actions
from webapp.reports.blocks import form, showing
from webapp.reports.blocks.choices import LISTS, READ
from webapp.reports.models import Block, Kind, Report
from webapp.reports.views.change import done

MOST_DIGITS = 4


@require_safe
@allowed("report.edit")
def blocks(request: Request, id: str) -> HttpResponse:
    """The page; with `new` the form of a new block of that kind, with `change` that of one that is there."""
    report = get_for(request.actor, Report, id, "report.edit")
    kind, changed = request.GET.get("new", ""), request.GET.get("change", "")
    if kind in Kind.values:
        return page(request, report, form=form.empty(report, kind))
    block = next((each for each in showing.blocks_of(report) if each.pk == changed), None)
    return page(request, report, form=form.of(block)) if block else page(request, report)


def page(request: Request, report: Report, status: int = 200, **more: Any) -> HttpResponse:
    """All blocks as they will be seen, with what came of a form."""
    found = showing.blocks_of(report)
    shown = showing.shown(report, showing.for_members(report), found)
    told = {"report": report, "pairs": list(zip(found, shown, strict=True)), "kinds": form.KINDS, "full": len(found) >= actions.MOST_BLOCKS}
    return render(request, "reports/compose.html", told | {"most": actions.MOST_BLOCKS} | more, status=status)


def typed_in(query: QueryDict) -> dict[str, Any]:
    """The choices of a form."""
    return {name: query.getlist(name) if name in LISTS else query.get(name, "") for name in ("what", *READ)}


def words_in(query: QueryDict) -> dict[str, str]:
    return {name: query.get(name, "") for name in ("title", "text")}


def number_in(query: QueryDict, name: str) -> int | None:
    """A small number, or nothing."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


@require_POST
@allowed("report.edit")
def block_add(request: Request, id: str) -> HttpResponseBase:
    """A new block at the end."""
    report = get_for(request.actor, Report, id, "report.edit")
    kind, choices, words = request.POST.get("kind", ""), typed_in(request.POST), words_in(request.POST)
    try:
        block = actions.add(request.actor, report, kind, **words, choices=choices)
    except ConfigError as error:
        if kind not in Kind.values:
            messages.error(request, f"The block was not added: its kind {error.fields['kind']}.")
            return redirect("reports:blocks", id)
        return page(request, report, 422, form=form.empty(report, kind, choices | words, error.fields))
    return redirect(f"{reverse('reports:blocks', args=[id])}#block-{block.pk}")


@require_POST
@allowed("report.edit")
def block_change(request: Request, id: str) -> HttpResponseBase:
    """Other choices and words; one who saves after somebody else sees both."""
    block = get_for(request.actor, Block, id, "report.edit")
    choices, words = typed_in(request.POST), words_in(request.POST)
    edited = actions.change(request.actor, block, **words, choices=choices, revision=number_in(request.POST, "revision"))
    if edited.saved:
        return redirect(f"{reverse('reports:blocks', args=[block.report_id])}#block-{block.pk}")
    shown: Mapping[str, Any] = form.of(block, choices | words, edited.wrong, stale=edited.stale)
    return page(request, block.report, 409 if edited.stale else 422, form=shown)


@require_POST
@allowed("report.edit")
def block_move(request: Request, id: str) -> HttpResponseBase:
    """To another place, counted from 1."""
    block = get_for(request.actor, Block, id, "report.edit")
    place = number_in(request.POST, "place")
    if place:
        actions.move(request.actor, block, place - 1)
    else:
        messages.error(request, f"A place in the report is a number from 1; {request.POST.get('place', '')[:20]!r} came.")
    return after(request, block)


@require_POST
@allowed("report.edit")
def block_remove(request: Request, id: str) -> HttpResponseBase:
    """Take it out."""
    block = get_for(request.actor, Block, id, "report.edit")
    actions.remove(request.actor, block)
    messages.success(request, "The block is taken out.")
    return redirect("reports:blocks", block.report_id)


def after(request: Request, block: Block) -> HttpResponseBase:
    """Nothing for a script, the page for a form."""
    if request.headers.get("Accept") == "application/json":
        return done(request, block.report_id)
    return redirect(f"{reverse('reports:blocks', args=[block.report_id])}#block-{block.pk}")
