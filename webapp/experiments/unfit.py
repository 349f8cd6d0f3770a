"""What of a configuration cannot be with these data, said at its field before anything is queued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifier.spec.config import NOTHING_TO_GO_BY
from webapp.core.words import plural
from webapp.datasets.models import DatasetVersion
from webapp.experiments.folds import seen
from webapp.experiments.learning import learnt_classes, left_unlabelled

MIXING = ("mixup", "cutmix")


def unfit(version: DatasetVersion, values: Mapping[str, Any]) -> dict[str, str]:
    """{field: sentence} of a clean configuration."""
    wrong: dict[str, str] = {}
    folds = values.get("folds") or 0
    classes, counts = len(learnt_classes(version)), seen(version, folds)
    images, pool = counts["train"], counts["train"] + counts["validation"]
    if classes < 2 and (unlabelled := left_unlabelled(version)):
        wrong["dataset"] = (
            f"has {plural(unlabelled, 'unlabelled image')}, and besides fewer than the 2 classes that a classifier tells apart; label more"
        )
    elif classes < 2:
        wrong["dataset"] = f"has {plural(classes, 'class')}, and a classifier tells at least 2 apart; import images of more"
    elif pool < folds:
        wrong["folds"] = f"must be at most {pool}: train and validation have {plural(pool, 'image')} together; {folds} came"
    elif images < 2:
        wrong["dataset"] = f"has {plural(images, 'training image')}, and a training takes at least 2; import more"
    if values.get("early_stopping") is not None and not counts["validation"]:
        wrong["early_stopping"] = NOTHING_TO_GO_BY
    augment = values.get("augment")
    mixing = [name for name in MIXING if isinstance(augment, Mapping) and augment.get(name)]
    if classes < 2 and mixing:
        wrong["augment"] = f"{mixing[0]} mixes images of different classes, and these are all of one; leave it empty"
    return wrong
