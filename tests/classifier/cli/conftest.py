"""The command line, called inside this process (quick) or as a real one; and a small trained run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from classifier.cli.main import main
from tests.classifier.images import COLOURS, encoded, pixels, write_folder

ROOT = Path(__file__).parents[3]


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(autouse=True)
def signals_as_they_were() -> Iterator[None]:
    """`main` takes SIGINT and SIGTERM; the test run gets them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """python -m classifier WORDS, in this process."""

    def call(*words: object) -> Said:
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return call


def start(*words: object, env: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
    """python -m classifier WORDS as a process of its own."""
    command = [sys.executable, "-m", "classifier", *map(str, words)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def process(*words: object, **options: Any) -> Said:
    """The same, to its end."""
    with start(*words, **options) as child:
        out, err = child.communicate(timeout=120)
    return Said(child.returncode, out, err)


def colours(per_class: int) -> dict[str, bytes]:
    """{path: PNG} of three colours, 16×16."""
    from PIL import Image

    labels = list(COLOURS)[:3]
    return {
        f"{label}/{number}.png": encoded(Image.fromarray(pixels(100 * place + number, colour=COLOURS[label])))
        for place, label in enumerate(labels)
        for number in range(per_class)
    }


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("source"), colours(per_class=20))


@pytest.fixture(scope="session")
def dataset(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imported DATASET of 60 images."""
    out = tmp_path_factory.mktemp("data") / "colours"
    assert main(["import", str(source), "--out", str(out), "--json"]) == 0
    return out


SETTINGS = ("model=small_cnn", "image_size=16", "epochs=2", "batch_size=14", "seed=1", "deterministic=true", "device=cpu")


def train_words(dataset: Path, out: Path, *settings: str) -> list[str]:
    return ["train", str(dataset), "--out", str(out), *(word for setting in (*SETTINGS, *settings) for word in ("--set", setting))]


@pytest.fixture(scope="session")
def trained(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RUN of two epochs; leave it as it is."""
    out = tmp_path_factory.mktemp("runs") / "colours"
    assert main([*train_words(dataset, out), "--json"]) == 0
    return out
