"""A trained network is asked to suggest labels."""

from __future__ import annotations

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.datasets import hooks
from webapp.datasets.labelling_models import Suggesting
from webapp.datasets.models import DatasetVersion
from webapp.datasets.removing import held
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind


def start(actor: Actor, version: DatasetVersion, source: str) -> Suggesting:
    """Queues the look of a trained network at every image of a version; one of the same that waits or runs is given instead."""
    actor.require("dataset.edit")
    network = hooks.network(actor.team, source)
    if network is None:
        raise InputError("There is no such trained network in this team, or its training runs again. Choose another one.", code="no_model")
    with transaction.atomic():
        held(version.dataset)  # two clicks wait for each other
        living = Suggesting.objects.filter(version=version, source=source).exclude(job__state__in=FINAL).first()
        if living is not None:
            return living
        title = f"Suggestions of {network.name} for {version.dataset.name}"
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.SUGGEST, title=title)
        named = {"source": source, "source_name": network.name}
        made = Suggesting.objects.create(team=actor.team, created_by=actor.user, version=version, job=job, **named)
        record(actor, "dataset.suggest", version.dataset, model=network.name)
    return made
