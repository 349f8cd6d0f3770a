"""How large the file of a report becomes, which holds all pictures of its blocks: known before a block is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders

from classifier.spec.errors import ConfigError
from webapp.core.finders import PLOTLY
from webapp.core.words import bytes_size
from webapp.datasets import packs
from webapp.datasets.models import DatasetVersion
from webapp.reports.blocks import galleries
from webapp.reports.blocks.shown import Gone, Source
from webapp.reports.models import Block, Kind, Report

MOST_BYTES = 15_000_000  # what mail servers commonly let through
FRAME_BYTES = 60_000  # about what markup, figures and our own scripts and styles take
PICTURE_BYTES = 1_000  # about what is said of one, at most
TOO_LARGE = "would make the report's file {size}, and it may have {most}; show fewer images here, or take another block of images out"


@cache
def plotly_bytes() -> int:
    """The size of the charts' library."""
    found = finders.find(PLOTLY)
    return Path(found).stat().st_size if found else 0


def check(report: Report, kind: str, options: Mapping[str, Any], but: Block | None = None) -> None:
    """ConfigError where the report's file would be too large with such a block, in the place of another one if that is named."""
    if kind != Kind.GALLERY:
        return
    others = Block.everything.filter(report=report, kind=Kind.GALLERY).exclude(pk=but.pk if but else None)
    size = of_file(report, [*others.values_list("options", flat=True), dict(options)])
    if size > MOST_BYTES:
        raise ConfigError({"shown": TOO_LARGE.format(size=bytes_size(size), most=bytes_size(MOST_BYTES))})


def of_file(report: Report, shown: Iterable[dict[str, Any]]) -> int:
    """Bytes of the file with galleries of those choices."""
    source, version = Source(report), report.evaluation.version
    images = [int(row["image"]) for row in report.evaluation.mistakes if row.get("image") is not None]
    for options in shown:
        try:
            images += [found.image for found in galleries.found(source, options)[0]]
        except Gone:
            continue
    return plotly_bytes() + FRAME_BYTES + of_pictures(version, images)


def of_pictures(version: DatasetVersion, images: list[int]) -> int:
    """Of thumbnails as they stand in the file, each as often as it is shown there."""
    try:
        lengths = packs.mapped(version.folder / "pack" / "thumbs_index.bin", packs.THUMB_DTYPE)["length"]
    except packs.Missing:
        return 0
    known = [image for image in images if image < len(lengths)]
    return sum((int(length) + 2) // 3 * 4 + PICTURE_BYTES for length in lengths[known])
