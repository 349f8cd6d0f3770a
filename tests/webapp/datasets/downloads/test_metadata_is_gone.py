"""Nothing that a camera or a program wrote beside the pixels is kept, or given out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from classifier.data.importer import import_dataset
from tests.webapp.datasets.conftest import LABELS, end_import
from webapp.datasets.downloads.kinds import WAYS
from webapp.datasets.models import Dataset, DatasetVersion

OWNER = "OwnedByJoDoe"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{OWNER}</dc:creator></x:xmpmeta>'.encode()


def camera_exif() -> Image.Exif:
    """As a telephone writes it: make, owner, a comment, a place with seconds, its time."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x0112] = OWNER, OWNER, 6  # make, artist, turned
    exif.get_ifd(0x8769)[0x9286] = f"ASCII\0\0\0{OWNER}".encode()
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (48.0, 8.0, 14.77), "E", (11.0, 34.0, 31.75)
    place[0x1D], place[0x1B] = "2026:11:29", OWNER.encode()
    return exif


def picture(seed: int, side: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def text_of_png() -> PngImagePlugin.PngInfo:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", OWNER)
    told.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return told


def files_of(side: int, seed: int) -> dict[str, bytes]:
    """One file of each kind that carries such things."""
    made = picture(seed, side)
    jpeg = saved(made, "JPEG", exif=camera_exif(), xmp=XMP, comment=OWNER.encode(), quality=90)
    iptc = b"\xff\xed" + (2 + 14 + len(OWNER)).to_bytes(2, "big") + b"Photoshop 3.0\0" + OWNER.encode()
    return {
        "a.jpg": jpeg[:2] + iptc + jpeg[2:] + OWNER.encode(),
        "b.png": saved(made, "PNG", exif=camera_exif(), pnginfo=text_of_png()),
        "c.webp": saved(made, "WEBP", exif=camera_exif(), xmp=XMP),
        "d.tiff": saved(made, "TIFF", exif=camera_exif()),
    }


@pytest.fixture(params=[32, 160], ids=["small", "photographs"])
def version(request: pytest.FixtureRequest, waiting: Dataset, tmp_path: Path) -> DatasetVersion:
    with zipfile.ZipFile(tmp_path / "cameras.zip", "w") as archive:
        for number, label in enumerate(LABELS):
            for name, data in files_of(request.param, number).items():
                assert OWNER.encode() in data
                archive.writestr(f"{label}/{name}", data)
    return end_import(waiting, (tmp_path / "data", import_dataset(tmp_path / "cameras.zip", tmp_path / "data")))


def test_nothing_of_it_lies_in_the_datasets_folder(version: DatasetVersion) -> None:
    assert version.images == 12
    for path in (version.dataset.folder / "data").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert OWNER.encode() not in data and b"Exif\0\0" not in data and b"xmpmeta" not in data, path.name


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_it_is_given_out(way: str, version: DatasetVersion, viewer: Any, signed_in: Callable[[Any], Client]) -> None:
    answer = signed_in(viewer).get(f"{reverse('datasets:download', args=[version.dataset_id, 1])}?as={way}")
    whole = b"".join(answer.streaming_content)
    assert OWNER.encode() not in whole and b"Exif\0\0" not in whole and b"eXIf" not in whole and b"xmpmeta" not in whole
    if way == "folders":
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            images = [Image.open(archive.open(name)) for name in archive.namelist() if name.endswith(("jpg", "png"))]
        assert len(images) == 12 and not any(image.getexif() for image in images)
        assert all(image.size[0] == image.size[1] for image in images)
