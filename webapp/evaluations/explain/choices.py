"""What can be chosen where an image is explained: methods, classes, networks beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from classifier.spec.explaining import DEFAULT, METHODS
from webapp.accounts.actor import Actor
from webapp.evaluations.explain.asking import measured
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import names_of
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model

MOST_OTHERS = 50


def others(actor: Actor, evaluation: Evaluation) -> list[Experiment]:
    """The team's newest networks but the evaluation's own; those on the same dataset first."""
    rows = Experiment.objects.filter(team=actor.team, best_epoch__isnull=False).exclude(pk=evaluation.experiment_id)
    found = [row for row in rows.select_related("job").order_by("-id")[:MOST_OTHERS] if has_model(row)]
    return sorted(found, key=lambda row: row.dataset_id != evaluation.version.dataset_id)


def of(actor: Actor, evaluation: Evaluation, row: int, fields: Any) -> dict[str, Any]:
    """For the form: what there is, and what an address picked."""
    names, scored = names_of(evaluation), evaluation.scored
    true = evaluation.classes[scored[row]["label"]] if scored is not None and row < len(scored) else ""
    picked = {name: str(fields.get(name) or "") for name in ("method", "label", "beside")}
    picked["method"] = picked["method"] if picked["method"] in METHODS else DEFAULT
    return {
        "methods": [(key, method.name, key == picked["method"]) for key, method in METHODS.items()],
        "labels": [(label, names.get(label, label)) for label in evaluation.classes],
        "true": (true, names.get(true, true)) if true else None,
        "others": others(actor, evaluation),
        "picked": picked,
    }


def label_of(evaluation: Evaluation, typed: str) -> str:
    """The label that a typed text names, by itself or by its readable name; what is none stays as it is."""
    if typed in evaluation.classes:
        return typed
    return next((label for label, name in names_of(evaluation).items() if name == typed and label in evaluation.classes), typed)


def layers_address(evaluation: Evaluation, row: int) -> str:
    """Where the network's layers are seen at work on the image of a row; empty where that is not known any more."""
    scored = evaluation.scored
    position = int(scored[row]["position"]) if scored is not None and row < len(scored) else -1
    if position < 0:
        return ""
    fields = {"of": evaluation.version.dataset_id, "version": evaluation.version.number, "position": position}
    fields |= {"checkpoint": measured(evaluation)[0]} | ({"raw": 1} if evaluation.raw else {})
    return f"{reverse('experiments:layers', args=[evaluation.experiment_id])}?{urlencode(fields)}"
