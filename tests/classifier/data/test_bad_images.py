"""Every image file that is wrong, odd or hostile, imported beside honest ones within limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from classifier.data.dataset import Dataset
from tests.classifier import images, odd_images
from tests.classifier.archives import GOOD, packed
from tests.classifier.box import Box, is_sentence

RED = (200, 40, 30)


class Row(NamedTuple):
    """A file's name and bytes, made when asked for; the rule that leaves it out, or the warnings it is taken with."""

    name: str
    make: Callable[[], bytes]
    left_out: str = ""
    warnings: tuple[str, ...] = ()
    colour: tuple[int, int, int] | None = None  # the mean of what is kept
    gone: bytes = b""  # what stood in the file and must not in the dataset


def red(kind: str = "PNG", mode: str = "RGB", side: int = 40, **options: object) -> bytes:
    return images.encoded(Image.new("RGB", (side, side), RED).convert(mode), kind, **options)


BAD = images.unreadable_images()
LEFT_OUT = {name: Row(name, lambda name=name: BAD[name][1], BAD[name][0]) for name in BAD} | {  # type: ignore[misc]
    "an SVG under .jpg": Row("x.jpg", lambda: images.SVG, "not_an_image"),
    "a page under .png": Row("x.png", lambda: images.HTML, "not_an_image"),
    "an EPS under .jpg": Row("x.jpg", lambda: images.EPS, "not_an_image"),
    "a header of 50000² alone, JPEG": Row("x.jpg", lambda: odd_images.jpeg_header(50_000, 50_000), "too_large"),
    "a header of 30000² alone, GIF": Row("x.gif", lambda: odd_images.gif_header(30_000, 30_000), "too_large"),
    "a header of 30000² alone, BMP": Row("x.bmp", lambda: odd_images.bmp_header(30_000, 30_000), "too_large"),
    "0×0, BMP": Row("x.bmp", lambda: odd_images.bmp_header(0, 0), "not_an_image"),
    "a bomb of text": Row("x.png", odd_images.text_bomb, "bomb"),
    "a bomb of a colour profile": Row("x.png", odd_images.profile_bomb, "bomb"),
    "a JPEG of 20,000 scans": Row("x.jpg", odd_images.many_scans, "bomb"),
}
WARNED = {
    "a lying extension": Row("x.jpg", red, warnings=("lying_extension",), colour=RED),
    "a bad checksum": Row("x.png", lambda: images.with_bad_checksum(red()), warnings=("bad_checksum",), colour=RED),
    "a broken colour profile, JPEG": Row("x.jpg", lambda: red("JPEG", icc_profile=b"no profile"), colour=RED, gone=b"no profile"),
    "a broken colour profile, PNG": Row("x.png", lambda: red(icc_profile=b"no profile"), colour=RED),
    "an animated GIF": Row("x.gif", lambda: images.animated("GIF"), warnings=("animated",)),
    "an animated PNG": Row("x.png", lambda: images.animated("PNG"), warnings=("animated",)),
    "an animated WebP": Row("x.webp", lambda: images.animated("WEBP"), warnings=("animated",)),
    "a TIFF of pages": Row("x.tif", lambda: images.animated("TIFF"), warnings=("animated",)),
    "1×1": Row("x.png", lambda: red(side=1), warnings=("tiny",), colour=RED),
    "20000×1": Row("x.png", lambda: images.picture(1, "PNG", 20_000, 1), warnings=("aspect", "tiny")),
}
TAKEN = {
    "a JPEG with a script behind it": Row(
        "x.jpg", lambda: red("JPEG", side=90) + b"<script>alert(1)</script>", colour=RED, gone=b"alert(1)"
    ),
    "a GIF that is a script": Row("x.gif", lambda: images.GIF_SCRIPT, gone=b"alert"),
    "GPS and orientation": Row("x.jpg", lambda: odd_images.with_place(red("JPEG", side=90)), colour=RED, gone=b"MakerOfCameras"),
    "CMYK": Row("x.jpg", lambda: red("JPEG", "CMYK", quality=95), colour=RED),
    "16-bit": Row("x.png", lambda: images.encoded(Image.fromarray(np.full((40, 40), 100 * 257, np.uint16))), colour=(100, 100, 100)),
    "a float TIFF": Row(
        "x.tif", lambda: images.encoded(Image.fromarray(np.full((40, 40), 100.0, np.float32)), "TIFF"), colour=(100, 100, 100)
    ),
    "a palette": Row("x.png", lambda: red(mode="P"), colour=RED),
    "a palette with transparency": Row("x.png", odd_images.clear_palette, colour=(255, 255, 255)),
    "RGBA": Row("x.png", lambda: images.encoded(Image.new("RGBA", (40, 40), (*RED, 0))), colour=(255, 255, 255)),
    "LA": Row("x.png", lambda: images.encoded(Image.new("LA", (40, 40), (90, 255))), colour=(90, 90, 90)),
    "1-bit": Row("x.png", lambda: images.encoded(Image.new("1", (40, 40), 1)), colour=(255, 255, 255)),
}
ROWS = LEFT_OUT | WARNED | TAKEN
DANGEROUS = {case for case, row in ROWS.items() if row.left_out in ("too_large", "bomb")} | {"20000×1"}


@pytest.mark.parametrize("case", ROWS)
def test_an_image_comes_to_a_good_end(case: str, tmp_path: Path) -> None:
    row, box = ROWS[case], Box(tmp_path)
    name, data = f"cat/{row.name}", row.make()
    said = box.imported(packed("zip", {name: data})(box.uploads / "pets.zip"), apart=case in DANGEROUS)
    assert said.code == 0 and all(is_sentence(problem["message"]) for problem in said.problems), said.error
    assert [(p["file"], p["rule"]) for p in said.problems if not p["taken"]] == [(name, row.left_out)] * bool(row.left_out)
    assert [(p["file"], p["rule"]) for p in said.problems if p["taken"]] == [(name, rule) for rule in row.warnings]
    assert said.end["images"] == len(GOOD) + (not row.left_out)
    assert not row.gone or (row.gone in data and row.gone not in box.kept())
    if row.colour:
        assert np.abs(mean_of(box, name) - row.colour).max() < 12


def mean_of(box: Box, path: str) -> np.ndarray:
    """The mean red, green and blue of a kept picture; equal where it is grey."""
    data = Dataset.open(box.target)
    place = next(place for place in range(len(data)) if data.path(place) == path)
    return np.broadcast_to(data.pack.image(int(data.images[place])).float().mean((1, 2)).numpy(), 3)


def test_a_bad_image_as_the_only_one_of_its_class_leaves_no_half_dataset(tmp_path: Path) -> None:
    box = Box(tmp_path)
    files = {"cat/0.png": images.picture(1), "dog/0.png": odd_images.text_bomb()}
    said = box.imported(packed("zip", files, good=False)(box.uploads / "pets.zip"))
    assert said.code == 2 and "Only one class" in said.error and "dog/0.png" in said.error
