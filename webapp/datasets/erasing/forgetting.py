"""What the rows of a dataset know of an erased image goes, after the engine has overwritten it.

The samples' paths go last, in one transaction with the rest: by them an attempt that was killed knows what is left to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from classifier.spec.packfile import ERASED_PATH
from webapp.accounts.models import Team
from webapp.datasets import hooks, leftovers, packs
from webapp.datasets.browsing import columns, order
from webapp.datasets.cards import files as cards
from webapp.datasets.drafts import waiting
from webapp.datasets.drafts.changing import NOTHING, put, said_of
from webapp.datasets.drafts.opening import WHY_LENGTH, current
from webapp.datasets.erasing import asking, leaks, naming, texts
from webapp.datasets.erasing.places import Place
from webapp.datasets.models import Dataset, DatasetVersion, Edit, Finding, Problem, QualityCheck, Sample
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job

Fence = Callable[[], None]
# What a job may be of, by the names that the apps gave their way back.
THINGS = (
    *("dataset", "draft", "erasure", "quality_check", "suggesting", "experiment", "evaluations", "study", "rate_search", "weights_file"),
    *("embedding_map", "classification"),
)


def forget(place: Place, fence: Fence) -> None:
    """All of it, for one dataset; may be done again."""
    paths = names(place)
    hooks.tell_erased(place.dataset, place.positions, paths)
    uploads = naming.called(place.dataset, paths)
    texts.forget(place.dataset, [*paths, *uploads])
    forget_unsealed(place.dataset, fence)
    for version in place.versions:
        cards.forget(version)
        columns.count_anew(version.folder)
        order.build_anew(version.folder)
    with transaction.atomic():
        fence()
        for path in paths:
            forget_problems(place, path)
            forget_written(place.dataset, path)
        naming.forget(place.dataset, paths)
        for name in uploads:
            forget_told_of(place.dataset, name)
        forget_draft(place)
        waiting.forget(place.dataset, digest_of(place))
        forget_findings(place)
        count_tombstones(place)
        rows_of(place).update(path=ERASED_PATH)
        Dataset.everything.filter(pk=place.dataset.pk).update(inspection=None)


def forget_unsealed(dataset: Dataset, fence: Fence) -> None:
    """What sealings left that failed or were killed: rows of a version in the making, and folders, name the file too.

    Nothing is sealed meanwhile; an erasure and a sealing wait for each other.
    """
    with transaction.atomic():
        fence()
        DatasetVersion.objects.filter(dataset=dataset, ready=False).delete()
    kept = {str(number) for number in DatasetVersion.objects.filter(dataset=dataset).values_list("number", flat=True)}
    for path in (dataset.folder / "versions").glob("*"):
        if path.name not in kept:
            leftovers.remove(path)


def rows_of(place: Place) -> QuerySet[Sample]:
    return Sample.objects.filter(version__in=place.versions, position__in=place.positions)


def names(place: Place) -> list[str]:
    """What its files were called, as far as rows still know; also those that were not added because they were this very image."""
    known = set(rows_of(place).exclude(path=ERASED_PATH).values_list("path", flat=True))
    copies = Problem.objects.filter(dataset=place.dataset, rule="already_there")
    also = {row.file for path in known for row in copies.filter(message__contains=f"same image as {path}, ")}
    others = Sample.objects.filter(version__in=place.versions, path__in=also).exclude(position__in=place.positions)
    return sorted(known | also.difference(others.values_list("path", flat=True)))


def without(text: str, path: str) -> str:
    """A sentence that does not name it, nor the folder of this server in which it lay."""
    said = "|".join(re.escape(form) for form in texts.forms(path))
    return re.sub(rf"(?<![\w./-])(?:(?:/|datasets/)\S*/)?(?:{said})(?![\w/-])", ERASED_PATH, text)


def forget_problems(place: Place, path: str) -> None:
    """Findings of the import, and what its job and others of the dataset told of the file."""
    for problem in Problem.objects.filter(Q(file=path) | Q(message__contains=path), dataset=place.dataset):
        problem.file, problem.message = without(problem.file, path), without(problem.message, path)
        problem.save(update_fields=["file", "message"])
    forget_told_of(place.dataset, path)


def forget_written(dataset: Dataset, path: str) -> None:
    """What people wrote of it with the dataset and with their edits."""
    for row in Dataset.everything.filter(pk=dataset.pk, description__contains=path):
        Dataset.everything.filter(pk=row.pk).update(description=without(row.description, path))
    for edit in Edit.objects.filter(draft__dataset=dataset, why__contains=path):
        Edit.objects.filter(pk=edit.pk).update(why=without(edit.why, path)[:WHY_LENGTH])


def told_by(dataset: Dataset) -> list[QuerySet[Job]]:
    """Jobs that name files of it: its import, those that sealed what was added, checks, and networks that looked at its images."""
    ways = ("dataset", "draft__dataset", "quality_check__version__dataset", "suggesting__version__dataset")
    return [Job.objects.filter(**{way: dataset}) for way in ways]


def tried_anew(team: Team) -> QuerySet[Job]:
    """Jobs whose thing has another job by now: of which dataset they told nothing says any more."""
    return Job.objects.filter(team=team, **{f"{thing}__isnull": True for thing in THINGS})


def forget_told_of(dataset: Dataset, name: str) -> None:
    """What jobs that may have read the dataset's uploads told of a file, or of an upload."""
    for told in (*told_by(dataset), tried_anew(dataset.team)):
        forget_told(told, name)


def forget_told(told: QuerySet[Job], path: str) -> None:
    """What jobs said of the file, in events and in the sentence that they failed with."""
    jobs.reword(told, texts.forms(path), lambda text: without(text, path))


def forget_draft(place: Place) -> None:
    """An open draft says nothing of it any more; who changes that waits, for it is saved whole."""
    asking.lock([place.dataset])
    draft = current(place.dataset)
    if draft is None:
        return
    said = said_of(draft, place.positions)
    put(draft, dict.fromkeys(said, NOTHING), said)
    draft.save()


def digest_of(place: Place) -> str:
    """The hash of its content, in hex: a tombstone keeps it."""
    found: bytes = packs.index(place.dataset.folder / "data")["sha256"][place.image].tobytes()
    return found.hex()


def forget_findings(place: Place) -> None:
    """Findings of checks that show it, and the mean images of its classes: of a class with few images one shows little else."""
    for check in QualityCheck.objects.filter(version__in=place.versions).select_related("version__dataset"):
        check.leaks = leaks.without(check, place.positions)
        check.facts = check.facts | ({"grouped": leaks.grouped(check)} if check.grouped else {})
        found = Finding.objects.filter(Q(position__in=place.positions) | Q(other__in=place.positions), of=check)
        kinds = list(found.values_list("kind", flat=True))
        found.delete()
        labels = set(Sample.objects.filter(version=check.version_id, position__in=place.positions).values_list("label", flat=True))
        check.counts = {kind: count - kinds.count(kind) for kind, count in check.counts.items()}
        check.means = [mean for mean in check.means if mean["class"] not in labels]
        check.save(update_fields=["counts", "facts", "leaks", "means"])


def count_tombstones(place: Place) -> None:
    """How many images of each version are erased, as its files have it."""
    for version in place.versions:
        DatasetVersion.objects.filter(pk=version.pk).update(erased=packs.tombstones(version.folder))


def told(place: Place) -> dict[str, Any]:
    """What is kept of it: where it was, by version, without a name."""
    images = {str(version.number): rows_of(place).filter(version=version).count() for version in place.versions}
    return {"dataset": place.dataset.pk, "name": place.dataset.name, "images": images}
