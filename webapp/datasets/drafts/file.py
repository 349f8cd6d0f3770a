"""A draft as the file of changes that `python -m classifier revise` takes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from webapp.datasets.draft_models import Draft, DraftSample
from webapp.datasets.drafts import adding, classes, cutting
from webapp.datasets.models import Split
from webapp.datasets.queries import newest_version

ROWS = 5_000
SPLIT_NAMES = dict(Split.choices)


def write(draft: Draft, path: Path) -> None:
    """All of it, a change a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(change, ensure_ascii=False) + "\n" for change in changes(draft, path.parent))


def changes(draft: Draft, folder: Path | None = None) -> Iterator[dict[str, Any]]:
    """What a later version keeps, classes, then images that are added, then what single samples show, then the splits: those are cut
    by the labels as they are then; at last moves by hand. `folder` is where they are written."""
    yield from later(draft, folder or draft.dataset.folder)
    yield from class_changes(draft)
    yield from adding.changes(draft, folder or draft.dataset.folder)
    for row in rows(draft):
        if row.removed or row.label is not None:
            yield sample_change(draft, row)
    if draft.resplit:
        yield from cutting.changes(draft.resplit)
    for row in rows(draft):
        if row.split is not None and not row.removed:
            yield {"op": "sample", "position": row.position, "split": SPLIT_NAMES[row.split]}


def later(draft: Draft, folder: Path) -> Iterator[dict[str, Any]]:
    """Of an older version that is brought back: positions that the newest one gave to added images stay theirs."""
    newest = newest_version(draft.dataset)
    if newest is not None and newest.number > draft.base.number:
        yield {"op": "after", "version": os.path.relpath(newest.folder, folder)}


def rows(draft: Draft) -> Iterator[DraftSample]:
    """What it says of samples, by position; some at a time."""
    after = -1
    while found := list(draft.samples.filter(position__gt=after).order_by("position")[:ROWS]):
        yield from found
        after = found[-1].position


def sample_change(draft: Draft, row: DraftSample) -> dict[str, Any]:
    """Of one that is taken out or shows something else; one whose class was taken out since goes with it."""
    now = None if row.removed or row.label is None else classes.shown(draft, row.label)
    if now is None:
        return {"op": "sample", "position": row.position, "removed": True}
    return {"op": "sample", "position": row.position, "label": now.label, "removed": False}


def class_changes(draft: Draft) -> Iterator[dict[str, Any]]:
    """From the base's labels to the draft's. One whose new label another class leaves waits under a name of its own until that has gone."""
    became = {}
    for number, entry in enumerate(draft.base.classes):
        now = classes.shown(draft, number)
        if now is None:
            yield {"op": "class", "from": entry["label"], "to": None}
        elif now.label != entry["label"]:
            became[entry["label"]] = now.label
    waiting = {label: to for label, to in became.items() if to in became}
    for place, label in enumerate(waiting):
        yield {"op": "class", "from": label, "to": aside(draft, place)}
    yield from ({"op": "class", "from": label, "to": to} for label, to in became.items() if label not in waiting)
    for place, to in enumerate(waiting.values()):
        yield {"op": "class", "from": aside(draft, place), "to": to}


def aside(draft: Draft, place: int) -> str:
    """A label that nothing else has."""
    return f"~{draft.pk}~{place}"
