"""Notes what a call with an Idempotency-Key makes, in the transaction that makes it.

Light, since every process loads it: the API itself, with pydantic, is loaded by the web process alone.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.db.models.signals import post_save

from classifier.spec.errors import InputError
from webapp.api.models import IdempotentAnswer

MADE = (
    *("datasets.Dataset", "datasets.QualityCheck", "datasets.Suggesting", "datasets.Erasure"),
    *("experiments.Experiment", "experiments.WeightsFile", "evaluations.Evaluation", "predictions.Classification"),
)
row_here: ContextVar[int | None] = ContextVar("row_here", default=None)  # the open row of the call that runs here


def watch() -> None:
    """Listens to the inserts of what calls make."""
    for model in MADE:
        post_save.connect(note, sender=model, dispatch_uid=f"api:{model}")


def note(instance: Any, created: bool, **_: Any) -> None:
    """The answer of the call that made this, should its process die before it answers.

    InputError, which takes back what was made, where a repeat made it already: this call took so long that it counted as dead.
    """
    row = row_here.get()
    if not created or row is None:
        return
    rows = IdempotentAnswer.objects.filter(pk=row)
    if not rows.filter(status=None).update(status=202, body={"id": instance.id, "job": instance.job_id}) and rows.exists():
        raise InputError("A repeat of this call was quicker; send it once more for its answer.", code="busy")
