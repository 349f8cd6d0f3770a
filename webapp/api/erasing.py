"""First answers that are kept for a repeat: who classified an erased image by its own name is not told that name again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from classifier.spec.packfile import ERASED_PATH
from webapp.api.models import IdempotentAnswer
from webapp.datasets.models import Dataset

RESULTS = "results"  # of a classification, each with its file


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """Of members of its team."""
    names = {*paths, *(PurePosixPath(path).name for path in paths)}
    rows = IdempotentAnswer.objects.filter(user__memberships__team=dataset.team_id, body__has_key=RESULTS)
    for row in rows.distinct().iterator():
        told: Any = row.body
        if any(result.get("file") in names for result in told[RESULTS]):
            body = told | {RESULTS: [nameless(result, names) for result in told[RESULTS]]}
            IdempotentAnswer.objects.filter(pk=row.pk).update(body=body)


def nameless(result: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The same answer, about no file of that name; a sentence about it may name it too."""
    if result.get("file") not in names:
        return result
    said = {"error": result["error"].replace(result["file"], ERASED_PATH)} if result.get("error") else {}
    return result | {"file": ERASED_PATH} | said
