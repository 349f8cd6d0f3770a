"""Which published weights are on this machine, told without torch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from classifier.spec import bundled
from classifier.spec.catalogue import MODELS
from classifier.spec.local_weights import at_hand, downloads, local_file


@pytest.fixture(autouse=True)
def nothing_elsewhere(monkeypatch, tmp_path):
    """No weights of this machine's own."""
    monkeypatch.delenv("SYNSET_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "none"))


def put(folder: Path, name: str) -> Path:
    """An empty file with the name of that network's weights."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / str(MODELS[name].weights_file)
    file.touch()
    return file


@pytest.mark.parametrize("environment", [{}, {"TORCH_HOME": "/some/torch"}, {"XDG_CACHE_HOME": "/some/cache"}])
def test_downloads_lie_where_torch_puts_them(monkeypatch, environment):
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert downloads() == Path(torch.hub.get_dir()) / "checkpoints"


def test_what_comes_with_synset_is_always_at_hand():
    assert at_hand() == [bundled.MODEL] and local_file(bundled.MODEL) == bundled.bundled_file()


def test_a_file_of_the_weights_folder_goes_before_one_that_was_downloaded(monkeypatch, tmp_path):
    put(downloads(), "resnet18")
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path / "mine"))
    mine = put(tmp_path / "mine", "resnet18")
    assert local_file("resnet18") == mine and at_hand() == [bundled.MODEL, "resnet18"]


@pytest.mark.parametrize("name", ["resnet18", "small_cnn"])
def test_what_would_have_to_be_downloaded_or_was_never_published_is_not(name):
    assert local_file(name) is None
