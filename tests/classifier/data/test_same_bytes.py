"""What a source becomes stays the same to the byte from one release to the next: a version is named by its rows, and others rest on it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifier.data.importer import import_dataset
from tests.classifier import images

Files = dict[str, bytes]
FILES = ("samples.bin", "paths.txt", "groups.bin", "metadata.jsonl", "pack/index.bin", "pack/pixels.bin")  # thumbnails are zlib's own


def grey(number: int) -> bytes:
    """A picture of 8 × 8 pixels in a form that no library packs in another way one day."""
    return b"P5 8 8 255\n" + random.Random(number).randbytes(64)


def folders() -> Files:
    """Class folders in no order, images twice in a class and in two, names beyond ASCII."""
    names = [f"{label}/{number}.pgm" for label in ("cat", "dog", "a-b", "a", "köter") for number in range(17)]
    names += ["a/b/deep.pgm", "cat/one.pgm", "dog/one.pgm", "cat/3é.pgm", "dog/3漢.pgm"]
    random.Random(5).shuffle(names)
    return {name: grey(names.index(name) % 83) for name in names}


def splits() -> Files:
    """Splits of which one is missing, and in which images stand twice."""
    parts = [("train", 20), ("test", 6)]
    return {
        f"set/{split}/{label}/{n}.pgm": grey(n + 12 * (split == "test")) for split, count in parts for label in "uvw" for n in range(count)
    }


def grouped() -> Files:
    """A table with groups of many sizes, some over two classes, and a column besides."""
    chance, rows = random.Random(7), ["path,label,patient,age"]
    for number in range(160):
        patient = "" if number % 9 == 0 else f"p{min(chance.randrange(40), chance.randrange(40))}"
        rows.append(f"{number}.pgm,{'abc'[chance.randrange(3)]},{patient},{chance.randrange(90)}")
    return {f"{number}.pgm": grey(number - number % 13 * (number % 13 < 2)) for number in range(160)} | {"t.csv": "\n".join(rows).encode()}


def archived(files: Files, path: Path) -> Path:
    return images.write_zip(path / "in.zip", files)


def streamed(files: Files, path: Path) -> Path:
    return images.write_tar(path / "in.tar", files)


def loose(files: Files, path: Path) -> Path:
    return images.write_folder(path / "in", files)


CASES: dict[str, tuple[Callable[[], Files], Callable[[Files, Path], Path], dict[str, Any], str, str]] = {
    "class folders in a zip": (
        folders,
        archived,
        {},
        "b2fc7e7f4c5cdcffef2688fa8b0a1a0a4fbde2a8deffe9b69632b53abea6b339",
        "3c6dfc33ed606c92",
    ),
    "class folders in a tar": (
        folders,
        streamed,
        {"seed": 3},
        "722b16d92b35ef2b0323b6c99dce5893d8b867a7faf1f11f099259eba0049cc5",
        "55ecb03ad47247a4",
    ),
    "class folders on a disk": (
        folders,
        loose,
        {"shares": (50.0, 50.0, 0.0)},
        "ca30286f952b65c53970724ab65d34569a27eeccb3a24e2995229c1dfff89100",
        "38590d528f2c9657",
    ),
    "a limit": (
        folders,
        archived,
        {"most": 11, "least": 3, "seed": 2},
        "325b1d36141490d4f6a23cdb78eb7ae83f604043049de614bb7a2fc90afe47d5",
        "52e354087192b089",
    ),
    "splits of its own": (splits, archived, {}, "acd8ec068e86493ef5104c9d83278a1c0fe390302a9a6518ba0096f894f87822", "82dfe973dfc8cb74"),
    "groups by a pattern": (
        folders,
        archived,
        {"group": "/(\\d)", "seed": 1},
        "5105bb77f9ef8b27c8efcf71103c6c7d6e768cec2faad17ef6a20da6d0addb4a",
        "2fcd0b0a78900397",
    ),
    "a table with groups": (grouped, archived, {}, "93e54be9d706fb328d5b763893663b58c0063dfff291bada1ba727524a9398f1", "17fe604a6bfaffee"),
    "a table on a disk": (
        grouped,
        loose,
        {"seed": 9, "least": 2},
        "6061c6330cf5cf8d08cf80ddc90e987fff8198c32faa2689278836460b19ddf7",
        "a63681ef76da12ff",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_source_becomes_what_it_became(case: str, tmp_path: Path) -> None:
    files, write, options, wanted, contents = CASES[case]
    found = import_dataset(write(files(), tmp_path), tmp_path / "out", **options)
    assert (found["id"], fingerprint(tmp_path / "out")) == (wanted, contents)


def fingerprint(out: Path) -> str:
    """Of the files whose bytes are ours alone."""
    whole = hashlib.sha256()
    for name in FILES:
        whole.update((out / name).read_bytes() if (out / name).exists() else b"none")
    return whole.hexdigest()[:16]
