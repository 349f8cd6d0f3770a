"""First answers that are kept for a repeat: who classified an erased image by its own name, or was handed it to label, is not told that
name again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from classifier.spec.packfile import ERASED_PATH
from webapp.api.models import IdempotentAnswer
from webapp.datasets.models import Dataset

NAMED = {"results": "file", "items": "path"}  # lists that name files: of a classification, and of images that are to be labelled


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """Of members of its team."""
    names = {*paths, *(PurePosixPath(path).name for path in paths)}
    rows = IdempotentAnswer.objects.filter(user__memberships__team=dataset.team_id, body__has_any_keys=list(NAMED))
    for row in rows.distinct().iterator():
        told: Any = row.body
        body = told | {key: [nameless(one, field, names) for one in told[key]] for key, field in NAMED.items() if key in told}
        if body != told:
            IdempotentAnswer.objects.filter(pk=row.pk).update(body=body)


def nameless(one: dict[str, Any], field: str, names: set[str]) -> dict[str, Any]:
    """The same of no file of that name; a sentence about it may name it too."""
    name = one.get(field)
    if name not in names:
        return one
    said = {"error": one["error"].replace(name, ERASED_PATH)} if one.get("error") else {}
    return one | {field: ERASED_PATH} | said
