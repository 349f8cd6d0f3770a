"""What the check of a weights file tells: which networks it fits, and what is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from classifier.cli.main import main
from classifier.models.build import build
from classifier.models.weights_check import check_weights, fitting, write
from classifier.spec.catalogue import MODELS


@pytest.mark.parametrize(
    ("name", "classes"),
    [("small_cnn", 3), ("resnet18", 10), ("squeezenet1_1", 5), ("regnet_y_400mf", 7), ("swin_t", 9), ("inception_v3", 3), ("vit_b_16", 2)],
)
def test_a_networks_own_weights_fit_it_whatever_the_number_of_classes(name, classes):
    state = build(name, classes, image_size=MODELS[name].image_size).state_dict()
    assert fitting(dict(state)) == [name]


def test_weights_of_another_network_fit_none_even_with_as_many_parameters():
    state = build("small_cnn", 3, image_size=32).state_dict()
    assert fitting({f"other.{key}": value for key, value in state.items()}) == []


def test_the_command_tells_what_it_found_and_writes_the_file(tmp_path: Path, capsys):
    torch.save({"w": torch.ones(2, 3), "bn.running_mean": torch.zeros(4), "n": torch.tensor(1)}, tmp_path / "a.pth")
    assert main(["check-weights", str(tmp_path / "a.pth"), "--out", str(tmp_path / "a.safetensors"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["event"], told["tensors"], told["parameters"], told["fits"]) == ("checked", 3, 7, [])
    assert (told["dtypes"], told["keys"]) == (["float32", "int64"], ["w", "bn.running_mean", "n"])
    assert told["bytes"] == (tmp_path / "a.safetensors").stat().st_size


def test_a_safetensors_file_is_written_anew(tmp_path: Path):
    from safetensors.torch import load_file, save_file

    save_file({"w": torch.arange(6.0).reshape(2, 3)}, tmp_path / "a.safetensors", metadata={"note": "left out"})
    check_weights(tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    assert b"left out" not in (tmp_path / "b.safetensors").read_bytes()
    assert torch.equal(load_file(tmp_path / "b.safetensors")["w"], torch.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize(("said", "error"), [("(os error 28)", OSError), ("of the header", SafetensorError)])
def test_a_full_disk_is_told_as_the_system_does(said, error, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise SafetensorError(f"Error while serializing: {said}")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(error, match=r"No space left|of the header"):
        write({"a": torch.zeros(2)}, tmp_path / "out.safetensors", tmp_path / "in.pth")
    assert not list(tmp_path.iterdir())
