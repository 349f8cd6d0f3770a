"""Notes what a call with an Idempotency-Key makes, in the transaction that makes it.

Light, since every process loads it: the API itself, with pydantic, is loaded by the web process alone.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.db.models.signals import post_save

from webapp.api.models import IdempotentAnswer

MADE = ("datasets.Dataset", "experiments.Experiment", "experiments.WeightsFile", "evaluations.Evaluation")
row_here: ContextVar[int | None] = ContextVar("row_here", default=None)  # the open row of the call that runs here


def watch() -> None:
    """Listens to the inserts of what calls make."""
    for model in MADE:
        post_save.connect(note, sender=model, dispatch_uid=f"api:{model}")


def note(instance: Any, created: bool, **_: Any) -> None:
    """The answer of the call that made this, should its process die before it answers."""
    row = row_here.get()
    if created and row is not None:
        IdempotentAnswer.objects.filter(pk=row).update(status=202, body={"id": instance.id, "job": instance.job_id})
