"""What a team writes about a dataset: a description in Markdown, and what may be done with its images."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from django.db import transaction

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.texts import trouble
from webapp.datasets.models import Dataset
from webapp.datasets.removing import held

DESCRIPTION_LENGTH = 20_000
LICENCE_LENGTH = 200


class Described(NamedTuple):
    """The words; `stale`: somebody else saved others since these were begun, and nothing was kept."""

    description: str
    licence: str
    stale: bool = False


def mark(dataset: Dataset) -> str:
    """What tells these words from any others, for a form that goes on from them."""
    return hashlib.sha256(f"{dataset.licence}\0{dataset.description}".encode()).hexdigest()[:16]


def describe(actor: Actor, dataset: Dataset, description: str, licence: str, begun_from: str | None = None) -> Described:
    """Keeps both. ConfigError names what is wrong; `begun_from` is the `mark` of the words that were changed."""
    actor.require("dataset.edit")
    words = Described(description.replace("\r\n", "\n").strip(), " ".join(licence.split()))
    check(words)
    with transaction.atomic():
        now = held(dataset)
        if begun_from and begun_from != mark(now):
            return words._replace(stale=True)
        if (now.description, now.licence) != (words.description, words.licence):
            Dataset.objects.filter(pk=dataset.pk).update(description=words.description, licence=words.licence)
            record(actor, "dataset.describe", now)
    dataset.description, dataset.licence = words.description, words.licence
    return words


def check(words: Described) -> None:
    """ConfigError for texts that are too long or none."""
    limits = {"description": DESCRIPTION_LENGTH, "licence": LICENCE_LENGTH}
    wrong = {}
    for name, most in limits.items():
        text = getattr(words, name)
        if len(text) > most:
            wrong[name] = f"takes at most {most:,} characters; {len(text):,} came"
        elif "\0" in text or trouble(text):
            wrong[name] = trouble(text) or "holds a NUL character; leave it out"
    if wrong:
        raise ConfigError(wrong)
