"""Images of a dataset for programs: filters by the names of classes and columns, and rows as the draft has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.http import Http404

from classifier.spec.packfile import ERASED_PATH
from webapp.api.draft_schemas import Filters
from webapp.api.errors import FieldErrors
from webapp.datasets import packs
from webapp.datasets.browsing import columns
from webapp.datasets.browsing.listing import Listing, listing
from webapp.datasets.browsing.wanted import Wanted
from webapp.datasets.drafts import classes, overlay
from webapp.datasets.drafts.changing import NOTHING, said_of
from webapp.datasets.models import DatasetVersion, Draft
from webapp.datasets.queries import SPLIT_NAMES

NOT_HERE = "The images of this dataset are not on this server."


def wanted(filters: Filters, version: DatasetVersion, draft: Draft | None, sort: str = "") -> Wanted:
    """The filters by number. FieldErrors for a class or a column that there is not."""
    return Wanted(
        label=None if filters.label is None else number_of(filters.label, version, draft),
        splits=tuple(sorted({SPLIT_NAMES.index(name) for name in filters.split})),
        search=filters.q.strip(),
        least=filters.least,
        most=filters.most,
        finding=filters.finding or "",
        cells=tuple(dict(cell(text, version) for text in filters.where).items()),
        changed=filters.changed,
        sort=sort,
    )


def number_of(label: str, version: DatasetVersion, draft: Draft | None) -> int:
    """Of the class of that label, as the draft calls it."""
    if draft is not None:
        known = {each.label: each.number for each in classes.living(draft)}
    else:
        known = {entry["label"]: number for number, entry in enumerate(version.classes)}
    if label not in known:
        raise FieldErrors({"label": f"names no class of this dataset: {label[:60]!r}"})
    return known[label]


def cell(text: str, version: DatasetVersion) -> tuple[int, str]:
    """(number of a column, value) of `COLUMN=VALUE`; the longest name of a column that fits counts."""
    there = [(column.name, number) for number, column in enumerate(columns.of(version.folder).columns)]
    found = [(name, number) for name, number in there if text.startswith(f"{name}=")]
    if not found:
        names = ", ".join(name for name, _ in there[:20]) or "none"
        raise FieldErrors({"where": f"must be COLUMN=VALUE with a column of the metadata ({names}); {text[:60]!r} came"})
    name, number = max(found, key=lambda pair: len(pair[0]))
    return number, text[len(name) + 1 :]


def found(version: DatasetVersion, draft: Draft | None, asked: Wanted) -> Listing:
    """All that match, to the end; Http404 where the files are gone."""
    try:
        return listing(version, draft, asked, to_the_end=True)
    except packs.Missing:
        raise Http404(NOT_HERE) from None


def matching(filters: Filters, draft: Draft) -> np.ndarray:
    """Positions in the draft as it is now."""
    return found(draft.base, draft, wanted(filters, draft.base, draft)).positions


def rows(version: DatasetVersion, draft: Draft | None, positions: Sequence[int]) -> list[dict[str, Any]]:
    """Those images in that order."""
    samples = {sample.position: sample for sample in version.samples.filter(position__in=positions)}
    try:
        sizes = packs.sizes(version, [sample.image for sample in samples.values()])
        gone = packs.erased(version, sizes)
    except packs.Missing:
        raise Http404(NOT_HERE) from None
    said = said_of(draft, list(samples)) if draft else {}
    told = []
    for position in positions:
        if (sample := samples.get(position)) is None:
            continue
        width, height = sizes[sample.image]
        entry = version.classes[sample.label]
        row: dict[str, Any] = {"name": entry["name"], "split": SPLIT_NAMES[sample.split], "was": ""}
        label = entry["label"]
        if draft is not None:
            says = said.get(position, NOTHING)
            overlay.lay(draft, sample, says, row)
            now = classes.shown(draft, sample.label if says.label is None else says.label)
            label = now.label if now else label
        told.append(
            {
                "position": position,
                "path": ERASED_PATH if sample.image in gone else sample.path,
                "label": label,
                "split": row["split"],
                "width": width,
                "height": height,
                "removed": row.get("state") == "removed",
                "was": row["was"],
            }
        )
    return told
