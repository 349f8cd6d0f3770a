"""A set of photographs of several sizes with a manifest beside them."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.data.importer import import_dataset
from tests.webapp.datasets.conftest import Imported, end_import
from webapp.datasets.models import Dataset, DatasetVersion

# (width, height) of each image, in the order of their positions
SIZES = ((100, 80), (80, 200), (300, 80), (120, 120), (90, 90), (200, 100))
CAMERAS = ("Canon", "Nikon", "Canon", "", "Canon", "Nikon")


@pytest.fixture(scope="session")
def listed_import(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Six photographs, ants and bees in turn, all in train; a camera and a text of its own for each."""
    folder = tmp_path_factory.mktemp("listed")
    with zipfile.ZipFile(folder / "listed.zip", "w") as archive:
        lines = ["file,label,split,camera,note"]
        for number, (size, camera) in enumerate(zip(SIZES, CAMERAS, strict=True)):
            archive.writestr(f"Flügel/IMG {number}.jpg", photograph(number, size))
            lines.append(f"Flügel/IMG {number}.jpg,{('ant', 'bee')[number % 2]},train,{camera},seen at {number} o'clock")
        archive.writestr("labels.csv", "\n".join(lines))
    import_dataset(folder / "listed.zip", folder / "data", shares=(100.0, 0.0, 0.0))
    return folder / "data", {}


def photograph(seed: int, size: tuple[int, int]) -> bytes:
    width, height = size
    stream = BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def listed(waiting: Dataset, listed_import: Imported) -> DatasetVersion:
    return end_import(waiting, listed_import)


@pytest.fixture
def folder(listed: DatasetVersion) -> Path:
    return listed.folder
