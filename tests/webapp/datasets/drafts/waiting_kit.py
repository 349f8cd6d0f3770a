"""Images that wait in a draft and were looked at."""

from __future__ import annotations

import zipfile
from pathlib import Path

from classifier.data.peek import peek
from tests.webapp.datasets.conftest import picture
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.drafts import adding, peeks
from webapp.datasets.models import Addition, Dataset

Files = dict[str, bytes]
FILES = {f"{number}.png": picture(5_000 + number, 14, "png") for number in range(4)}


def look(addition: Addition) -> peeks.Seen:
    """As the worker does."""
    peek(peeks.archive(addition), addition.draft.base.folder, peeks.folder(addition), label=addition.label, encoding=addition.encoding)
    seen = peeks.read(addition)
    assert seen
    return seen


def added(actor: Actor, dataset: Dataset, path: Path, files: Files, label: str) -> Addition:
    """Images that wait and were looked at."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    drafts.add(actor, dataset, path, path.name, label)
    draft = drafts.current(dataset)
    assert draft
    addition = adding.waiting(draft)[-1]
    addition.draft = draft
    look(addition)
    return addition


def digests(addition: Addition) -> list[str]:
    """By their paths: of 0.png, 1.png, …"""
    seen = peeks.read(addition)
    assert seen
    return [image.digest for image in seen.images]
