"""Labels and exclusions that somebody who looks at an evaluation writes into the dataset's open draft: images are named by their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.core.words import plural
from webapp.datasets import drafts
from webapp.datasets.models import Edit
from webapp.evaluations.images.showing import Told

CHOOSE = "No image was chosen. Choose one or more, then say what they show."


def change(actor: Actor, told: Told, rows: Sequence[int], **wanted: Any) -> Edit:
    """As `drafts.change`, of those of the rows whose image is in the newest version still. InputError where none of them is."""
    if not rows:
        raise InputError(CHOOSE, code="nothing")
    positions = told.positions(rows)
    if not positions:
        raise InputError(f"{plural(len(rows), 'image')} chosen, none of which is there any more: erased, or not of this evaluation.")
    dataset = told.version.dataset
    return drafts.change(actor, dataset, drafts.still_there(dataset, positions), **wanted)
