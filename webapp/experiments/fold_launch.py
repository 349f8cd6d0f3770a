"""Launching a cross-validation: an experiment for each fold, all of them or none."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Actor
from webapp.core.form_keys import once
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.experiments import actions
from webapp.experiments.folds import suffix
from webapp.experiments.models import Experiment


def launch(
    actor: Actor, dataset: Dataset, name: str, config: dict[str, Any], version: DatasetVersion | None = None, *, key: str | None = None
) -> Experiment:
    """Queues an experiment for each fold; gives the first. ConfigError and `key` as of `actions.launch`."""
    actor.require("experiment.create")
    folds, name = int(config["folds"]), name.strip()
    check_name(name, folds)

    def queued(fold: int) -> Experiment:
        return actions.queued(actor, dataset, name + suffix(fold, folds), config | {"fold": fold}, version, fold_key(key, fold))

    def make() -> Experiment:
        with transaction.atomic():
            first, *_ = (queued(fold) for fold in range(1, folds + 1))
        return first

    return once(lambda: actions.launched_before(actor, key), make)


def check_name(name: str, folds: int) -> None:
    """ConfigError for a name with no room for what is put behind it."""
    if len(name) > (most := longest_name(folds)):
        raise ConfigError({"name": f"must have at most {most} characters, for '{suffix(1, folds)}' is put behind it; {len(name)} came"})


def longest_name(folds: int) -> int:
    """Characters that a name may have."""
    return actions.NAME_LENGTH - len(suffix(folds, folds))


def fold_key(key: str | None, fold: int) -> str | None:
    """The form's own key for its first experiment, for each of the others one of its own."""
    return key if key is None or fold == 1 else hashlib.sha256(f"{key}:{fold}".encode()).hexdigest()
