"""Every write to drafts: change samples and classes, undo, discard, seal, bring an older version back. One open draft a dataset."""

from __future__ import annotations

from webapp.datasets.drafts.adding import add, change_addition
from webapp.datasets.drafts.adding import check as check_addition
from webapp.datasets.drafts.changing import change, still_there
from webapp.datasets.drafts.class_edits import merge_class, merge_classes, remove_class, rename_class
from webapp.datasets.drafts.corrections import correct
from webapp.datasets.drafts.cutting import resplit
from webapp.datasets.drafts.ending import discard, revert, seal
from webapp.datasets.drafts.opening import current
from webapp.datasets.drafts.reading import checked as check_reading
from webapp.datasets.drafts.reading import read_addition
from webapp.datasets.drafts.setwise import change_matching
from webapp.datasets.drafts.undoing import take_back, undo
from webapp.datasets.drafts.waiting import change as change_waiting

__all__ = [
    "add",
    "change",
    "change_addition",
    "change_matching",
    "change_waiting",
    "check_addition",
    "check_reading",
    "correct",
    "current",
    "discard",
    "merge_class",
    "merge_classes",
    "read_addition",
    "remove_class",
    "rename_class",
    "resplit",
    "revert",
    "seal",
    "still_there",
    "take_back",
    "undo",
]
