"""What a job is about, and the page that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse

from webapp.jobs.models import Job

SUBJECTS = (  # for `select_related`
    *("dataset", "experiment", "weights_file", "draft"),
    *("quality_check__version", "suggesting__version", "erasure", "study", "embedding_map", "classification"),
)


def page_of(job: Job) -> str:
    """Its address; empty where a job is about nothing that has a page."""
    for name, address in PAGES.items():
        try:
            subject = getattr(job, name)
        except ObjectDoesNotExist:
            continue
        if subject is not None:
            return address(subject)
    evaluation = next(iter(job.evaluations.all()), None) if job.kind == "evaluate" else None
    return reverse("experiments:detail", args=[evaluation.experiment_id]) if evaluation else ""


def study_page(study: Any) -> str:
    """Each kind of study stands on a page of its own."""
    if study.evaluation_id:
        return reverse("evaluations:groups", args=[study.evaluation_id]) + "#probes"
    if study.what == "filters":
        asked = {"checkpoint": study.checkpoint} | ({"raw": 1} if study.raw else {})
        return reverse("experiments:layers", args=[study.experiment_id]) + f"?{urlencode(asked)}"
    return reverse("growing:page", args=[study.experiment_id])


PAGES: dict[str, Callable[[Any], str]] = {
    "experiment": lambda it: reverse("experiments:detail", args=[it.id]),
    "dataset": lambda it: reverse("datasets:detail", args=[it.id]),
    "draft": lambda it: reverse("datasets:detail", args=[it.dataset_id]),
    "quality_check": lambda it: reverse("datasets:quality", args=[it.version.dataset_id]),
    "suggesting": lambda it: reverse("datasets:label", args=[it.version.dataset_id]),
    "erasure": lambda it: reverse("datasets:versions", args=[it.dataset_id]),
    "study": study_page,
    "embedding_map": lambda it: reverse("evaluations:map", args=[it.evaluation_id]),
    "classification": lambda it: reverse("predictions:detail", args=[it.id]),
    "weights_file": lambda _: reverse("models:list") + "#your-weights",
}
