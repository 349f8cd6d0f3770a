"""What of a dataset's findings makes figures untrue now: by the check of its newest version, else by what its import told of the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from classifier.spec.quality import SIDES
from webapp.core.words import plural
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality_models import QualityCheck
from webapp.datasets.queries import newest_ones
from webapp.jobs.models import State

RULES = {"leak": "in more than one split", "two_classes": "in more than one class"}  # of the import
LEAKS = tuple(f"{held}__{side}" for held in ("leaks", "facts__grouped") for side in SIDES)
OF_CHECK = Q(*((f"{count}__gt", 0) for count in (*LEAKS, "counts__two_labels")), _connector=Q.OR)
OF_IMPORT = Q(*((f"problem_rules__{rule}__gt", 0) for rule in RULES), _connector=Q.OR)


class Told(NamedTuple):
    """A sentence, and the page of the dataset that shows more."""

    words: str
    page: str
    rule: str = ""  # of the import, that the page is to show


def newest_checks() -> QuerySet[QualityCheck]:
    """Of each dataset the newest check that succeeded, where it is of the newest sealed version."""
    newer = DatasetVersion.objects.filter(dataset=OuterRef("version__dataset"), ready=True, number__gt=OuterRef("version__number"))
    done = QualityCheck.objects.filter(job__state=State.SUCCEEDED)
    later = done.filter(version=OuterRef("version"), pk__gt=OuterRef("pk"))
    return done.filter(~Exists(newer), ~Exists(later), version__ready=True)


def wanted() -> Q:
    """Datasets in which something makes figures untrue: told by the import, and not known to be mended."""
    checks = newest_checks().filter(version__dataset=OuterRef("pk"))
    return OF_IMPORT & (~Q(Exists(checks)) | Q(Exists(checks.filter(OF_CHECK))))


def untold() -> Q:
    """Datasets whose import found anything that no later check of the newest version has found mended."""
    checks = newest_checks().filter(version__dataset=OuterRef("pk"))
    judged = sum((Coalesce(Cast(KT(f"problem_rules__{rule}"), IntegerField()), 0) for rule in RULES), start=Value(0))
    return Q(problem_count__gt=0) & (~Q(Exists(checks)) | Q(problem_count__gt=judged))


def mended(dataset: Dataset) -> int:
    """How many problems of the import the check of its newest version has no more, of a dataset of which `told` says nothing."""
    return sum(dataset.problem_rules.get(rule, 0) for rule in RULES)


def told(datasets: Sequence[Dataset]) -> dict[str, Told]:
    """{dataset id: the finding that weighs most}, of those that have one; in two queries."""
    ids = [dataset.pk for dataset in datasets]
    checks = newest_checks().filter(version__dataset__in=ids).select_related("version").defer("means", "version__classes")
    by_dataset = {check.version.dataset_id: check for check in checks}
    numbers = dict(newest_ones().filter(dataset__in=ids).values_list("dataset", "number"))
    found = ((dataset.pk, one(dataset, by_dataset.get(dataset.pk), numbers.get(dataset.pk, 1))) for dataset in datasets)
    return {pk: finding for pk, finding in found if finding}


def one(dataset: Dataset, check: QualityCheck | None, number: int) -> Told | None:
    """Of one dataset, whose newest version has that number and that check."""
    if check:
        counts = {"leak": sum(check.leaks.values()) + sum((check.grouped or {}).values()), "two_classes": check.counts.get("two_labels", 0)}
    else:
        counts = dataset.problem_rules
    rule = next((rule for rule in RULES if counts.get(rule)), "")
    if not rule:
        return None
    images, where = counts[rule], RULES[rule]
    if check is None and number > 1:
        return Told(f"{plural(images, 'image')} stood {where} at its import; nobody has checked version {number}.", "quality")
    words = f"{plural(images, 'image')} {'stands' if images == 1 else 'stand'} {where}."
    return Told(words, "quality") if check else Told(words, "problems", rule)
