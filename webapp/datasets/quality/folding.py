"""What folds have on two sides: train and validation are dealt anew, so a test image that stands in either of them is learnt from by
all folds but one, and chosen by in that one.

Between the folds themselves equal bytes and groups never stand on two sides (`classifier.data.folds`); images that only look alike do,
unless they were kept together when the splits were cut.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from classifier.spec.events import SPLITS
from webapp.datasets import packs
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality import packed
from webapp.datasets.quality_models import Finding, QualityCheck

TRAIN, VALIDATION, TEST = (SPLITS.index(split) for split in ("train", "validation", "test"))
JUDGING = ("leak", "near_leak")
NEAR = ("near_leak", "near_duplicate", "near_two_labels")
SIDES = ("train-test", "validation-test")


class Among(NamedTuple):
    """What stands on two sides of a cross-validation."""

    same: int  # test images of which one looks or is the same in train or validation
    grouped: int  # of the others: those of whose group one is there
    torn: int  # images of train and validation that look nearly like another one of them, and are not kept together with it


def among(version: DatasetVersion, check: QualityCheck | None) -> Among:
    """By the version's files, and by what its newest check found; by the check's counts alone where the files are gone."""
    try:
        found = counted(packed.place_of(version), check.pk if check else None)
    except (packs.Missing, OSError):
        found = Among(0, 0, 0)
    told = [int(check.leaks.get(side, 0)) for side in SIDES] if check else []  # of many findings the worst are listed alone
    return found._replace(same=max([found.same, *told]))


@lru_cache(maxsize=64)
def counted(place: packed.Place, check: str | None) -> Among:
    """As `among`: files and findings change with an erasure alone, which changes the place."""
    rows = packed.rows(place)
    pool, judged = (rows.splits == TRAIN) | (rows.splits == VALIDATION), rows.splits == TEST
    same = inside(rows.images, pool, judged)
    early, late = pairs(check, JUDGING, len(pool))
    same[late[pool[early] & judged[late]]] = True
    groups = np.arange(len(pool)) if rows.groups is None else rows.groups
    grouped = inside(groups, pool, judged) & ~same
    one, other = pairs(check, NEAR, len(pool))
    apart = pool[one] & pool[other] & (groups[one] != groups[other]) & (rows.images[one] != rows.images[other])
    return Among(int(same.sum()), int(grouped.sum()), len(np.unique(other[apart])))


def inside(things: np.ndarray, pool: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Which of those that judge are of a thing that the pool has too: bool, by position."""
    found = np.zeros(len(things), bool)
    found[judged] = packed.standing(things, pool, things[judged])
    return found


def pairs(check: str | None, kinds: tuple[str, ...], samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of what a check found two by two."""
    rows = Finding.objects.filter(of=check, kind__in=kinds, other__isnull=False).values_list("position", "other") if check else ()
    found = np.array([(one, other) for one, other in rows if other is not None and max(one, other) < samples], np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
