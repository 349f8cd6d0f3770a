"""Labels and exclusions that somebody who looks at an evaluation writes into the dataset's open draft: images are named by their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.core.words import plural
from webapp.datasets import drafts
from webapp.datasets.models import Edit
from webapp.datasets.queries import newest_version
from webapp.evaluations.images.showing import Told, samples_at

CHOOSE = "No image was chosen. Choose one or more, then say what they show."


def change(actor: Actor, told: Told, rows: Sequence[int], **wanted: Any) -> Edit:
    """As `drafts.change`, of those of the rows whose image is in the newest version still. InputError where none of them is."""
    if not rows:
        raise InputError(CHOOSE, code="nothing")
    positions = told.positions(rows)
    if not positions:
        raise InputError(f"{plural(len(rows), 'image')} chosen, none of which is there any more: erased, or not of this evaluation.")
    dataset = told.version.dataset
    draft = drafts.current(dataset)
    base = draft.base if draft else newest_version(dataset)
    there = samples_at(base, positions) if base else {}
    if base is not None and not there:
        raise InputError(f"Version {base.number} of {dataset.name} has none of these images any more: they were taken out.", code="gone")
    return drafts.change(actor, dataset, [position for position in positions if position in there] or positions, **wanted)
