"""Real datasets, packed by the engine from pictures made here; no worker listens."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from classifier.data.importer import import_dataset
from webapp.accounts.models import User
from webapp.datasets import actions
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import newest_version
from webapp.jobs import actions as jobs

Imported = tuple[Path, dict[str, Any]]
LABELS = ("ant", "bee", "cow")


def picture(seed: int, side: int, kind: str) -> bytes:
    """A picture of coloured noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def write_archive(path: Path, side: int, kind: str, each: int = 8) -> Path:
    """Three classes of so many pictures, one of them cut short."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, label in enumerate(LABELS):
            for index in range(each):
                archive.writestr(f"{label}/{index:03d}.{kind}", picture(100 * number + index, side, kind))
        archive.writestr(f"ant/cut.{kind}", picture(999, side, kind)[:60])
    return path


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of 24 small pictures."""
    return write_archive(tmp_path_factory.mktemp("archives") / "animals.zip", 14, "png")


@pytest.fixture(scope="session")
def small_import(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("small") / "data"
    return folder, import_dataset(archive, folder)


@pytest.fixture(scope="session")
def photo_import(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("photos") / "data"
    return folder, import_dataset(write_archive(folder.parent / "photos.zip", 96, "jpeg"), folder)


@pytest.fixture
def waiting(owner: User, actor_of: Callable[..., Any], archive: Path) -> Dataset:
    """A dataset whose archive waits for its import."""
    return actions.create(actor_of(owner), "Animals", archive, "animals.zip")


def end_import(dataset: Dataset, imported: Imported) -> DatasetVersion:
    """What a worker does when the import has ended well."""
    folder, _ = imported
    target = dataset.folder / "data"
    shutil.copytree(folder, target)
    jobs.finish(jobs.claim(dataset.job_id, "host@here:1"), also=lambda: actions.sealed(dataset.id, target))
    dataset.refresh_from_db()
    version = newest_version(dataset)
    assert version
    return version


@pytest.fixture
def version(waiting: Dataset, small_import: Imported) -> DatasetVersion:
    """A sealed version of small pictures."""
    return end_import(waiting, small_import)


@pytest.fixture
def dataset(version: DatasetVersion) -> Dataset:
    return version.dataset


@pytest.fixture
def photos(waiting: Dataset, photo_import: Imported) -> DatasetVersion:
    """A sealed version of photographs."""
    return end_import(waiting, photo_import)


@pytest.fixture
def failed(waiting: Dataset) -> Dataset:
    """A dataset whose import failed with one problem."""
    actions.add_problems(waiting.id, [{"file": "ant/cut.png", "rule": "truncated", "message": "is cut short", "taken": False}])
    jobs.fail(jobs.claim(waiting.job_id, "host@here:1"), "Only one class came.", "bad_input", retry=False)
    waiting.refresh_from_db()
    return waiting
