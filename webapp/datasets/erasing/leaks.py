"""How many images still stand in two splits once some of them are erased: counted by what a check found of the others."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from django.db.models import Q

from webapp.datasets import packs
from webapp.datasets.models import Finding, QualityCheck
from webapp.datasets.queries import SPLIT_NAMES

KINDS = ("leak", "near_leak")


def without(check: QualityCheck, erased: Collection[int]) -> dict[str, int]:
    """{"train-test": images, …} of the check without those positions; asked for while their findings are still there.

    A pair names the image that is learnt from and the one that judges. Of what a check found and did not list, nothing is taken off.
    """
    found, gone = Finding.objects.filter(of=check, kind__in=KINDS), set(erased)
    if not found.filter(Q(position__in=gone) | Q(other__in=gone)).exists():
        return dict(check.leaks)
    pairs = [(early, late) for early, late in found.values_list("position", "other") if late is not None]
    splits = packs.table(check.version.folder)["split"]
    before, after = judging(pairs, splits), judging([pair for pair in pairs if gone.isdisjoint(pair)], splits)
    return {
        sides: max(number - len(before.get(sides, ())) + len(after.get(sides, ())), len(after.get(sides, ())))
        for sides, number in check.leaks.items()
    }


def judging(pairs: Collection[tuple[int, int]], splits: np.ndarray) -> dict[str, set[int]]:
    """{"train-test": positions in test, …}: each image that judges once."""
    found: dict[str, set[int]] = {}
    for early, late in pairs:
        sides = f"{name(splits, early)}-{name(splits, late)}"
        found.setdefault(sides, set()).add(late)
    return found


def name(splits: np.ndarray, position: int) -> str:
    split = int(splits[position])
    return SPLIT_NAMES[split] if split < len(SPLIT_NAMES) else ""
