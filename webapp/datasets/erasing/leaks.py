"""How many images still stand in two splits once some of them are erased: counted by what a check found of the others."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from django.db.models import Q

from webapp.datasets import packs
from webapp.datasets.models import Finding, QualityCheck
from webapp.datasets.quality import packed
from webapp.datasets.queries import SPLIT_NAMES

KINDS = ("leak", "near_leak")


def without(check: QualityCheck, erased: Collection[int]) -> dict[str, int]:
    """{"train-test": images, …} of the check without those positions, all of one image; asked for while their findings are still there.

    A pair names the image that is learnt from and one that judges. Of what a check found and did not list, nothing is taken off, but
    where the image itself stands.
    """
    found, gone = Finding.objects.filter(of=check, kind__in=KINDS), set(erased)
    samples = packs.table(check.version.folder)
    own = of_one_image(samples, gone, packed.place_of(check.version).unlabelled)
    if not own and not found.filter(Q(position__in=gone) | Q(other__in=gone)).exists():
        return dict(check.leaks)
    splits = samples["split"]
    pairs = own + [(early, late) for early, late in found.values_list("position", "other") if late is not None]
    before, after = judging(pairs, splits), judging([pair for pair in pairs if gone.isdisjoint(pair)], splits)
    return {
        sides: max(number - len(before.get(sides, ())) + len(after.get(sides, ())), len(after.get(sides, ())))
        for sides, number in check.leaks.items()
    }


def of_one_image(samples: np.ndarray, positions: Collection[int], unlabelled: int) -> list[tuple[int, int]]:
    """Samples of the very same image in two splits, both labelled or neither: a finding names but one of three."""
    known = {place: (int(samples["split"][place]), bool(samples["label"][place] == unlabelled)) for place in positions}
    kept = [place for place, (split, _) in known.items() if split < len(SPLIT_NAMES)]
    return [(one, two) for one in kept for two in kept if known[one][0] < known[two][0] and known[one][1] == known[two][1]]


def grouped(check: QualityCheck) -> dict[str, int] | None:
    """Images that belong with some of an earlier split, once the version's files know of the erased one; None where there are no groups."""
    known = check.grouped
    if not known:
        return known
    place = packed.place_of(check.version)._replace(erased=packs.tombstones(check.version.folder))
    now = packed.counted(place, place)
    return {side: min(number, now[side].grouped) for side, number in known.items()}


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
