"""All blocks of a report as they are shown, to members and to others alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.urls import reverse

from webapp.core.markdown import outward
from webapp.datasets import packs
from webapp.datasets.addresses import thumb_url
from webapp.reports.actions.rendering import html_of
from webapp.reports.blocks import charts, comparisons, galleries, tables
from webapp.reports.blocks.choices import PARTS
from webapp.reports.blocks.shown import Found, Gone, Shown, Source, Where
from webapp.reports.models import Block, Kind, Report

Draw = Callable[[Source, dict[str, Any], int, Where], dict[str, Any]]
DRAW: dict[str, Draw] = {
    Kind.CHART: charts.chart,
    Kind.TABLE: tables.table,
    Kind.MATRIX: charts.matrix,
    Kind.GALLERY: galleries.gallery,
    Kind.COMPARISON: comparisons.comparison,
}


def blocks_of(report: Report) -> list[Block]:
    """In their order."""
    return list(Block.objects.filter(report=report))


def stamp(blocks: list[Block]) -> str:
    """Another one whenever what they are, or their order, changes."""
    return hashlib.sha256(" ".join(f"{block.pk}.{block.revision}" for block in blocks).encode()).hexdigest()[:12]


def shown(report: Report, where: Where, blocks: list[Block] | None = None) -> list[Shown]:
    """Each of them; one whose source is gone says so."""
    found = blocks_of(report) if blocks is None else blocks
    source = Source(report)
    return [one(source, block, number, where) for number, block in enumerate(found, 1)]


def one(source: Source, block: Block, number: int, where: Where) -> Shown:
    """One of them, by its number in the report."""
    text = html_of(block)
    content: dict[str, Any] = {}
    if draw := DRAW.get(block.kind):
        try:
            content = draw(source, block.options, number, where)
        except Gone as gone:
            content = {"trouble": str(gone)}
    return Shown(number=number, kind=block.kind, title=title(block), text=outward(text) if where.outside else text, **content)


def title(block: Block) -> str:
    """What somebody called it, else what it shows."""
    part = PARTS[block.kind].get(block.options.get("what", ""))
    return block.title or (part.words if part else "")


def for_members(report: Report) -> Where:
    """Thumbnails of the dataset, and pages."""
    evaluation = report.evaluation
    return Where(
        thumb=lambda number, place, image: thumb_url(evaluation.version, image.image),
        page=lambda image: reverse("evaluations:image", args=[evaluation.pk, image.row]),
        path=lambda image: image.path,
        experiment=lambda experiment: reverse("experiments:detail", args=[experiment.pk]),
        outside=False,
    )


def image_at(report: Report, number: int, place: int) -> int | None:
    """The pack's row of the image at that place of the block of that number; None where there is none."""
    blocks = blocks_of(report)
    block = blocks[number - 1] if 1 <= number <= len(blocks) else None
    if block is None or block.kind != Kind.GALLERY:
        return None
    try:
        images: list[Found] = galleries.found(Source(report), block.options)[0]
    except Gone:
        return None
    return images[place].image if 0 <= place < len(images) else None


def picture_at(report: Report, number: int, place: int) -> tuple[bytes, str] | None:
    """The thumbnail of that image and its media type."""
    image = image_at(report, number, place)
    try:
        return None if image is None else packs.thumbnail(report.evaluation.version, image)
    except packs.Missing:
        return None


def about_pictures(report: Report) -> int:
    """How many images its galleries have at most."""
    return sum(int(block.options.get("shown", 0)) for block in blocks_of(report) if block.kind == Kind.GALLERY)
