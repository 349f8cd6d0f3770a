"""The probability below which a network says that it is unsure: kept in its RUN, where all that classify with it read it."""

from __future__ import annotations

from django.db import transaction

from classifier.spec import unsure
from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model


def of(experiment: Experiment) -> float | None:
    """What holds now; None where it answers always."""
    return unsure.kept(experiment.folder)


def choose(actor: Actor, experiment: Experiment, below: float | str | None) -> float | None:
    """Keeps it, None takes it away; gives what holds now. InputError where there is no network or it is no probability."""
    actor.require("experiment.create")
    if not has_model(experiment):
        raise InputError(f"{experiment.name} has no trained network yet; choose a threshold when its training is done.", code="no_model")
    try:
        wanted = None if below is None else unsure.checked(below)
    except ValueError as error:
        raise ConfigError({"below": str(error)}) from None
    with transaction.atomic():
        record(actor, "experiment.unsure", experiment, below=wanted)
        try:
            unsure.keep(experiment.folder, wanted)  # last: without it nothing is told of it either
        except OSError as error:
            raise InputError(f"The threshold cannot be written beside the network: {error.strerror or error}. Try again.") from None
    return wanted
