"""Classify pictures: checked here, answered by the resident worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.experiments.models import Experiment
from webapp.predictions import client

MOST_FILES = 100
MOST_BYTES = 25_000_000  # of one picture


async def classify(actor: Actor, experiment: Experiment, images: Sequence[UploadedFile[Any]]) -> list[dict[str, Any]]:
    """One result a picture, in their order: {"file", "top"} or {"file", "error"}. The experiment must have a model."""
    actor.require("classify")
    if not 1 <= len(images) <= MOST_FILES:
        raise InputError(
            f"Expected 1 to {MOST_FILES} images in one call, {len(images):,} came. Send them in several calls.", code="too_many"
        )
    fitting = [(image.name or "image", image.read()) for image in images if (image.size or 0) <= MOST_BYTES]
    answers = iter(await client.classify(experiment, fitting) if fitting else [])
    return [next(answers) if (image.size or 0) <= MOST_BYTES else too_big(image) for image in images]


def too_big(image: UploadedFile[Any]) -> dict[str, Any]:
    """The answer to a picture that is not even looked at."""
    words = f"It has {(image.size or 0) / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:.0f} MB are taken. Send a smaller picture."
    return {"file": image.name or "image", "error": words}
