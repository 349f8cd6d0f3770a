"""The same training on what its dataset has become: at once where that is sealed, else as soon as the open draft is."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor, actor_in
from webapp.accounts.audit import record
from webapp.core.words import shortened
from webapp.datasets import drafts
from webapp.datasets.models import DatasetVersion, Draft
from webapp.datasets.queries import newest_version
from webapp.experiments import actions, weights
from webapp.experiments.entries import sentence
from webapp.experiments.models import Experiment, Waiting
from webapp.jobs.models import Job

NOTHING = "{name} has not changed since version {number}, which it was trained on. Relabel or take out images first, then train again."


class Begun(NamedTuple):
    """What was begun: the training, or the sealing after which it begins."""

    experiment: Experiment | None
    job: Job


def ask(actor: Actor, experiment: Experiment) -> Begun:
    """Trains it again on the dataset as it is now; a draft with changes is sealed first. A second click finds what the first one began.

    InputError where nothing changed, ConfigError where it cannot be trained as it was.
    """
    actor.require("experiment.create")
    dataset = experiment.dataset
    draft = drafts.current(dataset)
    if draft is not None and (draft.sealing or not draft.is_empty):
        actor.require("dataset.edit")
        return seal_first(actor, experiment, draft)
    newest = newest_version(dataset)
    if newest is None or newest.pk == experiment.version_id:
        raise InputError(NOTHING.format(name=dataset.name, number=experiment.version.number), code="nothing")
    made = launched(actor, experiment, newest)
    return Begun(made, made.job)


def seal_first(actor: Actor, experiment: Experiment, draft: Draft) -> Begun:
    """Seals the draft and remembers what is to begin then."""
    actions.checked(actor, name_of(experiment, 0), config_of(experiment))
    with transaction.atomic():
        job = drafts.seal(actor, draft.dataset)
        told = {"team": experiment.team, "created_by": actor.user, "trouble": "", "created_at": Now()}
        _, made = Waiting.objects.update_or_create(of=experiment, draft=draft, defaults=told)
        if made:
            record(actor, "experiment.again", experiment, dataset=draft.dataset.name)
    return Begun(None, job)


def config_of(experiment: Experiment) -> dict[str, Any]:
    """As it was asked for, its weights as a form names them."""
    return {**experiment.config, "weights": weights.chosen(experiment.config.get("weights"))}


def name_of(experiment: Experiment, number: int) -> str:
    """ "First, on v3"; of one that was trained again itself, without what it was on."""
    ending = f", on v{number}"
    first = experiment.name.removesuffix(f", on v{experiment.version.number}") if experiment.again_of_id else experiment.name
    return f"{shortened(first, actions.NAME_LENGTH - len(ending))}{ending}"


def launched(actor: Actor, experiment: Experiment, version: DatasetVersion) -> Experiment:
    """The training, queued; the one that was queued already where the same person asked for the same before."""
    key = f"again-{experiment.pk}-{version.number}"
    with transaction.atomic():
        made = actions.launch(actor, version.dataset, name_of(experiment, version.number), config_of(experiment), version, key=key)
        if made.again_of_id is None:
            Experiment.everything.filter(pk=made.pk).update(again_of=experiment)
            made.again_of = experiment
    return made


def waiting_for(draft: Draft) -> QuerySet[Waiting]:
    """What begins once it is sealed. What was asked for with an earlier sealing, which was cancelled or failed, waits no more."""
    return Waiting.objects.filter(draft=draft, created_at__gte=draft.job.created_at) if draft.job else Waiting.objects.none()


def begin(draft: Draft, version: DatasetVersion) -> None:
    """Queues what waits for a draft that is sealed now (webapp.datasets.hooks); one that cannot begin says why, and undoes nothing."""
    for waiting in waiting_for(draft).filter(experiment=None).select_related("of__version", "of__dataset", "team", "created_by"):
        try:
            with transaction.atomic():
                waiting.experiment = begun(waiting, version)
        except ConfigError as error:
            waiting.trouble = " ".join(sentence(text) for text in error.fields.values())
        except (InputError, PermissionDenied) as error:
            waiting.trouble = getattr(error, "message", "") or str(error)
        waiting.save(update_fields=["experiment", "trouble"])


def begun(waiting: Waiting, version: DatasetVersion) -> Experiment:
    """The training, in the name of who asked for it. Raises as `actions.launch`."""
    if waiting.of.trashed_at is not None:
        raise InputError(f"{waiting.of.name} is in the trash; restore it, then train it again.")
    actor = actor_in(waiting.created_by, waiting.team_id) if waiting.created_by else None
    if actor is None:
        raise InputError("Who asked for it is no member of the team any more; ask for it anew.")
    return launched(actor, waiting.of, version)


class Standing(NamedTuple):
    """What a page offers: `label` on the button that asks for it, or `words` on what is under way; `made` is what came of it."""

    label: str = ""
    words: str = ""
    made: Experiment | None = None
    trouble: str = ""


def standing(actor: Actor, experiment: Experiment, draft: Draft | None, newest: DatasetVersion) -> Standing:
    """For a page of that experiment; nothing where the dataset has not changed since."""
    may = actor.can("experiment.create") and actor.can("dataset.edit") and experiment.dataset.archived_at is None
    number = newest.number + 1
    if draft is not None and draft.sealing:
        if waiting_for(draft).filter(of=experiment).exists():
            return Standing(words=f"A training on version {number} begins as soon as it is sealed.")
        return Standing(label=f"Train again on version {number}" if may else "")
    if draft is not None and not draft.is_empty:
        return Standing(label=f"Seal as version {number} and train again" if may else "")
    if newest.pk == experiment.version_id:
        return Standing()
    made = Experiment.objects.filter(again_of=experiment, version=newest).order_by("-id").select_related("job").first()
    if made is not None:
        return Standing(made=made)
    failed = Waiting.objects.filter(of=experiment, draft__version=newest).exclude(trouble="").first()
    return Standing(label=f"Train again on version {newest.number}" if may else "", trouble=failed.trouble if failed else "")
