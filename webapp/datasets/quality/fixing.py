"""One-click fixes: what a finding asks for becomes one edit of the dataset's draft, which is undone as one."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.spec.errors import InputError
from classifier.spec.quality import MOST_FINDINGS
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.draft_models import Draft, Edit
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.datasets.queries import newest_version

OUT, OTHER_OUT, LABEL = "out", "other", "label"
# Kinds of which all may go at once: whatever the images show, one of each pair stays, or there is nothing to see.
ALL_AT_ONCE = frozenset(("leak", "near_leak", "duplicate", "near_duplicate", "flat"))
OTHER_BASE = "The images changed since this check: it is of version {0}. Look at the newest version, and check that."


def fits(check: QualityCheck, draft: Draft | None) -> bool:
    """Whether the check's positions are those that a change of the dataset would be about."""
    newest = newest_version(check.version.dataset)
    return newest is not None and newest.pk == check.version_id and (draft is None or draft.base_id == check.version_id)


def fix(actor: Actor, check: QualityCheck, kind: str, do: str, ranks: Sequence[int] | None) -> Edit:
    """Takes the images of some findings out, or those that they repeat; or gives one the class that it seems to be of.

    ranks: None for all findings of the kind. Raises InputError for what cannot be.
    """
    if not fits(check, drafts.current(check.version.dataset)):
        raise InputError(OTHER_BASE.format(check.version.number), code="gone")
    found = chosen(check, kind, ranks)
    why = f"quality check: {KIND_WORDS[kind].title.lower()}"
    dataset = check.version.dataset
    if do == LABEL:
        if len(found) != 1 or found[0].seems is None:
            raise InputError("One image at a time is given the class that it seems to be of.")
        label = check.version.classes[found[0].seems]["label"]
        return drafts.change(actor, dataset, [found[0].position], label=label, why=why)
    positions = [finding.other if do == OTHER_OUT else finding.position for finding in found]
    return drafts.change(actor, dataset, [position for position in positions if position is not None], removed=True, why=why)


def chosen(check: QualityCheck, kind: str, ranks: Sequence[int] | None) -> list[Finding]:
    """The findings of these ranks; InputError where all are meant of a kind that has to be looked at one by one."""
    rows = Finding.objects.filter(of=check, kind=kind)
    if ranks is None:
        if kind not in ALL_AT_ONCE:
            raise InputError("These have to be looked at one by one.")
        return list(rows.order_by("rank")[:MOST_FINDINGS])
    return list(rows.filter(rank__in=list(ranks)[:MOST_FINDINGS]).order_by("rank"))
