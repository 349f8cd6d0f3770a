"""Writes to classifications: asked for, asked again, done; `webapp.predictions.removing` has how they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db import transaction

from classifier.spec import unsure
from classifier.spec.catalogue import MODELS
from classifier.spec.errors import ConfigError, InputError
from classifier.spec.local_weights import local_file
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.accounts.permissions import get_for
from webapp.core.form_keys import once
from webapp.datasets import files
from webapp.datasets.files import Archive
from webapp.evaluations.actions import check_trained
from webapp.experiments.models import Experiment
from webapp.experiments.queries import why_no_model
from webapp.experiments.removing import held as held_network
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind, State
from webapp.predictions.client import PUBLISHED
from webapp.predictions.models import Classification
from webapp.predictions.removing import held

Also = Callable[[str], None]


class Chosen(NamedTuple):
    """A network that can classify now, and the threshold that it has."""

    value: str
    name: str
    experiment: Experiment | None
    below: float | None


def chosen(actor: Actor, wanted: str) -> Chosen:
    """The network of that value; ConfigError where it cannot classify, Http404 for another team's or none."""
    if not wanted:
        raise ConfigError({"network": "is missing; give an experiment's id, or published: with the name of a network of the catalogue"})
    if wanted.startswith(PUBLISHED):
        name = wanted.removeprefix(PUBLISHED)
        if name not in MODELS or not local_file(name):
            raise ConfigError({"network": f"must be one whose published weights are on this server; {name[:60]!r} came"})
        return Chosen(wanted, name, None, None)
    experiment = get_for(actor, Experiment, wanted, "experiment.create")
    if why := why_no_model(experiment):
        raise ConfigError({"network": f"cannot classify yet: {why}"})
    return Chosen(wanted, experiment.name, experiment, unsure.kept(experiment.folder))


def begin(
    actor: Actor,
    archive: Archive,
    archive_name: str,
    wanted: str,
    also: Also = lambda id: None,
    *,
    called: str = "",
    key: str | None = None,
) -> Classification:
    """Keeps the pictures and queues their classification. `also` happens in the same transaction; on any failure nothing is left.

    `called`: how it is shown, where the archive's own name tells nobody anything. The same `key` of the same person gives the first
    one's, which may lie in the trash by now.
    """
    actor.require("experiment.create")
    network, size = chosen(actor, wanted), files.check_size(archive)
    name = files.shown_name(called or archive_name)

    def before() -> Classification | None:
        rows = Classification.everything.filter(created_by=actor.user, team=actor.team, send_key=key, purging_at=None)
        return rows.first() if key else None

    def make() -> Classification:
        made = Classification(team=actor.team, created_by=actor.user, name=name, archive_bytes=size, send_key=key)
        return keep(actor, made, archive, archive_name, network, also)

    return once(before, make)


def keep(actor: Actor, made: Classification, archive: Archive, archive_name: str, network: Chosen, also: Also) -> Classification:
    """The archive on disk for good, then its rows: both, or neither."""

    def kept() -> bool:
        return Classification.objects.filter(pk=made.pk).exists()

    with files.arriving(made.folder, archive, archive_name, kept) as path, transaction.atomic():
        made.archive_file = path.name
        submit(actor, made, network)
        record(actor, "classification.create", made, network=network.name)
        also(made.pk)
    return made


def submit(actor: Actor, made: Classification, network: Chosen) -> None:
    """Its row with a job that waits, in the caller's transaction."""
    if network.experiment is not None:
        check_trained(held_network(network.experiment))  # nobody may have tried it again meanwhile
    made.network, made.network_name, made.experiment, made.unsure_below = network.value, network.name, network.experiment, network.below
    title = f"{made.name} by {network.name}"
    made.job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.CLASSIFY, title=title[:200])
    made.save()


def again(actor: Actor, first: Classification, wanted: str) -> Classification:
    """The same pictures by that network, beside the answers that there are; the same row where it came to a bad end.

    One of the same that waits or runs is given instead, for a second click.
    """
    actor.require("experiment.create")
    network = chosen(actor, wanted)
    with transaction.atomic():
        first = held(first)
        if not first.is_done:
            return once_more(actor, first, network)
        same = Classification.objects.filter(source=first, network=network.value, created_by=actor.user)
        if living := same.exclude(job__state__in=FINAL).first():
            return living
        made = Classification(team=actor.team, created_by=actor.user, name=first.name, source=first)
        submit(actor, made, network)
        record(actor, "classification.create", made, network=network.name)
    return made


def once_more(actor: Actor, first: Classification, network: Chosen) -> Classification:
    """After one that failed or was cancelled, with the pictures that are kept."""
    if first.job.state not in (State.FAILED, State.CANCELLED):
        raise InputError(f"{first.name} is being classified; wait for it or cancel it, then try again.", code="busy")
    if first.source_id is None and files.archive_path(first.folder, first.archive_file) is None:
        raise InputError(f"The pictures of {first.name} are not kept any more; send them again.", code="gone")
    ended = first.job_id
    submit(actor, first, network)
    jobs.forget([ended])
    record(actor, "classification.create", first, network=network.name)
    return first


def finished(row: Classification, told: Mapping[str, Any], name: str) -> None:
    """What the `classified" event says and its folder's name, inside the transaction that ends the job."""
    names = told["names"]
    counted = zip(told["classes"], told["counts"], strict=True)
    classes = [{"label": label, "name": names.get(label, label), "n": count} for label, count in counted]
    figures = {column: told[column] for column in ("images", "unsure", "refused", "ignored", "unsure_below")}
    figures["erased"] = told.get("erased", 0)
    Classification.objects.filter(pk=row.pk).update(**figures, classes=classes, files=name, archive_file="")
