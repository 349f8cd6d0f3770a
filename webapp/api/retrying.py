"""Trying failed or cancelled work again: a new job takes the old one's place in its dataset, experiment or evaluation."""

from __future__ import annotations

from django.db import transaction

from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.api.errors import ApiError
from webapp.datasets import actions as datasets
from webapp.datasets import drafts
from webapp.datasets.models import Dataset
from webapp.evaluations.actions import check_trained
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.experiments.removing import check_not_evaluated, held
from webapp.jobs import actions
from webapp.jobs.models import FINAL, Job, Kind, State

OWNERS: dict[str, type[Experiment] | type[Evaluation]] = {Kind.TRAIN: Experiment, Kind.EVALUATE: Evaluation}
NOT_ENDED = "Only a failed or cancelled job can be tried again; this one is {state}."
NOT_KEPT = "Weights that did not pass their check are not kept; upload the file again."
ASKED_ANEW = "A search for a learning rate is not tried again; ask for a new one in the launch form."
CHECKED_ANEW = "A check is not tried again; ask for a new one on the dataset's Quality page."
SUGGESTED_ANEW = "Suggestions are not tried again; ask for new ones on the dataset's Label page."
ERASED_ANEW = "An erasure is not tried again; an owner asks for it again on the image's page, and it goes on where this one ended."
STUDIED_ANEW = "A study is not tried again; ask for a new one on the page of the evaluation's groups, or of the images that are needed."
MAPPED_ANEW = "A map is not tried again; ask for a new one on the evaluation's Map page."
CLASSIFIED_ANEW = "A classification is not tried again by its job; POST /classifications/{id}/again takes the same pictures once more."
QUICKER = "This job was tried again already."


def retried(actor: Actor, job: Job) -> tuple[str, Job]:
    """The id of the dataset, experiment or evaluation, and its new job; ApiError 409 where there is nothing to try again."""
    if job.state not in FINAL or job.state == State.SUCCEEDED:
        raise ApiError(409, "not_ended", NOT_ENDED.format(state=job.state))
    if job.kind in (Kind.IMPORT, Kind.INSPECT):
        return imported_again(actor, job)
    if job.kind == Kind.SEAL:
        return sealed_again(actor, job)
    if job.kind == Kind.WEIGHTS:
        raise ApiError(409, "gone", NOT_KEPT)
    if job.kind == Kind.FIND_LR:
        raise ApiError(409, "gone", ASKED_ANEW)
    if job.kind == Kind.QUALITY:
        raise ApiError(409, "gone", CHECKED_ANEW)
    if job.kind == Kind.SUGGEST:
        raise ApiError(409, "gone", SUGGESTED_ANEW)
    if job.kind == Kind.ERASE:
        raise ApiError(409, "gone", ERASED_ANEW)
    if job.kind == Kind.STUDY:
        raise ApiError(409, "gone", STUDIED_ANEW)
    if job.kind == Kind.SPACE:
        raise ApiError(409, "gone", MAPPED_ANEW)
    if job.kind == Kind.CLASSIFY:
        raise ApiError(409, "gone", CLASSIFIED_ANEW)
    with transaction.atomic():
        rows = OWNERS[job.kind].objects.filter(job=job)
        if (thing := rows.first()) is None:
            raise ApiError(409, "retried", QUICKER)
        check_free(thing)
        new = actions.retry(job, actor.user)
        if not rows.update(job=new):  # leaving the block by the error takes the new job back
            raise ApiError(409, "retried", QUICKER)
        record(actor, "job.retry", new, title=new.title)
    return thing.id, new


def sealed_again(actor: Actor, job: Job) -> tuple[str, Job]:
    """The same draft once more, as it stands now."""
    dataset = Dataset.objects.filter(drafts__job=job, drafts__closed_at__isnull=True).first()
    if dataset is None:
        raise ApiError(409, "retried", QUICKER)
    return dataset.id, drafts.seal(actor, dataset)


def check_free(thing: Experiment | Evaluation) -> None:
    """Until the transaction ends the experiment stays out of the trash and never trains while it is evaluated. InputError if it would."""
    if isinstance(thing, Experiment):
        check_not_evaluated(held(thing), "try it again")
    else:
        check_trained(held(thing.experiment))


def imported_again(actor: Actor, job: Job) -> tuple[str, Job]:
    """The same archive once more, while it is kept."""
    dataset = Dataset.objects.filter(job=job).first()
    if dataset is None:
        raise ApiError(409, "retried", QUICKER)
    dataset = datasets.retry(actor, dataset)
    return dataset.id, dataset.job
