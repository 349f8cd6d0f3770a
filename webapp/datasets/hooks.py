"""Who uses a dataset. Other apps tell in their `apps.py`: this app imports none of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice
from typing import TypeAlias

from django.utils.module_loading import import_string

from webapp.datasets.models import Dataset

MOST_NAMES = 3
Users: TypeAlias = Callable[..., list[str]]  # (dataset, with_trash) → names of up to MOST_NAMES things that need its images

users_from: set[str] = set()  # dotted names of such functions, imported when they are first needed


def users(dataset: Dataset, *, with_trash: bool) -> list[str]:
    """Names of what needs the dataset's images, up to three; things in the trash count on request."""
    told = (import_string(name)(dataset, with_trash) for name in sorted(users_from))
    return list(islice(dict.fromkeys(chain.from_iterable(told)), MOST_NAMES))
