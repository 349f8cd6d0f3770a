"""What an import tells about single files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from webapp.datasets.models import Dataset, Problem

PROBLEM_CHUNK = 1000
RULE_LENGTH = 40


def add_problems(dataset_id: str, problems: Iterable[Mapping[str, Any]]) -> None:
    """Problems as an import finds them, counted by rule."""
    rows = [problem_row(dataset_id, problem) for problem in problems]
    if not rows:
        return
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().only("problem_rules", "problem_count").get(pk=dataset_id)
        Problem.objects.bulk_create(rows, batch_size=PROBLEM_CHUNK)
        dataset.problem_rules = dict(Counter(dataset.problem_rules) + Counter(row.rule for row in rows))
        dataset.problem_count += len(rows)
        dataset.save(update_fields=["problem_rules", "problem_count"])


def problem_row(dataset_id: str, problem: Mapping[str, Any]) -> Problem:
    """One row; NUL, which PostgreSQL refuses in text, is shown as its symbol."""
    texts = {key: str(problem[key]).replace("\0", "␀") for key in ("file", "rule", "message")}
    return Problem(
        dataset_id=dataset_id, file=texts["file"], rule=texts["rule"][:RULE_LENGTH], message=texts["message"], taken=bool(problem["taken"])
    )


def forget_problems(dataset_id: str) -> None:
    """Before an import begins again: what an earlier attempt told is told again."""
    with transaction.atomic():
        Problem.objects.filter(dataset_id=dataset_id).delete()
        Dataset.objects.filter(pk=dataset_id).update(problem_rules={}, problem_count=0)
