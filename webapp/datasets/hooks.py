"""Who uses a dataset, and what comes after its import. Other apps tell in their `apps.py`: this app imports none of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from django.utils.module_loading import import_string

from webapp.accounts.actor import Actor
from webapp.datasets.models import Dataset, DatasetVersion

MOST_NAMES = 3
Users: TypeAlias = Callable[..., list[str]]  # (dataset, with_trash) → names of up to MOST_NAMES things that need its images

users_from: set[str] = set()  # dotted names of such functions, imported when they are first needed


def users(dataset: Dataset, *, with_trash: bool) -> list[str]:
    """Names of what needs the dataset's images, up to three; things in the trash count on request."""
    told = (import_string(name)(dataset, with_trash) for name in sorted(users_from))
    return list(islice(dict.fromkeys(chain.from_iterable(told)), MOST_NAMES))


class Step(NamedTuple):
    """Something to do with a dataset whose import is done: a form of one button, sent to `address` with the dataset's id."""

    title: str
    words: str  # what it will do, and how long it takes
    address: str  # the name of a URL that takes the dataset's id
    button: str
    key: str  # makes two clicks one


next_steps: set[str] = set()  # dotted names of functions (actor, version) → Step or None, imported when they are first needed


def steps(actor: Actor, version: DatasetVersion) -> list[Step]:
    """What the actor may do next with a version that nothing has used yet."""
    told = (import_string(name)(actor, version) for name in sorted(next_steps))
    return [step for step in told if step]
