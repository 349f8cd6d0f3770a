"""Tiny real data sets, made once: scanned digits of 8×8 pixels, and photographs cut from scikit-learn's two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits, load_sample_images

from classifier.data.importer import import_dataset
from classifier.spec.config import TrainConfig
from classifier.training.loop import train

QUICK = TrainConfig(epochs=3, batch_size=32, device="cpu", deterministic=True)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Measured plans go to a folder of the test's own."""
    monkeypatch.setenv("SYNSET_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Small steps run fastest on one thread, and sums are rounded alike in all of these tests."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def save(image: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


@pytest.fixture(scope="session")
def digits(tmp_path_factory) -> Path:
    """A DATASET of 120 grey digits in three classes."""
    folder = tmp_path_factory.mktemp("digits")
    images, labels = load_digits(n_class=3, return_X_y=True)
    for i in range(120):
        save((images[i].reshape(8, 8) * 15.9).astype(np.uint8), folder / "source" / str(labels[i]) / f"{i}.png")
    import_dataset(folder / "source", folder / "data")
    return folder / "data"


@pytest.fixture(scope="session")
def photographs(tmp_path_factory) -> Path:
    """A DATASET of 24 JPEG photographs, 96 pixels high and 128 wide, in two classes."""
    folder = tmp_path_factory.mktemp("photographs")
    for label, picture in zip(("temple", "flower"), load_sample_images().images, strict=True):
        for i in range(12):
            top, left = 20 * i, 30 * i
            save(picture[top : top + 96, left : left + 128], folder / "source" / label / f"{i}.jpg")
    import_dataset(folder / "source", folder / "data")
    return folder / "data"


@pytest.fixture
def quick() -> TrainConfig:
    """Three epochs that repeat bit for bit."""
    return QUICK


@pytest.fixture(scope="session")
def whole(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The RUN of `quick` without any interruption."""
    folder: Path = tmp_path_factory.mktemp("whole") / "run"
    train(digits, folder, QUICK)
    return folder
