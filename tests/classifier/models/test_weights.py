"""Weights that a network starts from, good ones and bad ones."""

import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from classifier.models.build import build, head_of
from classifier.models.freezing import freeze_backbone
from classifier.models.weights import load_weights, published_file
from classifier.spec.errors import ConfigError

SQUEEZENET = Path(__file__).parents[4] / "shared/data/weights/squeezenet1_1-imagenet-fp16rounded.pth"


def cnn(classes: int = 3) -> nn.Module:
    return build("small_cnn", classes, image_size=32)


def load(path: Path, classes: int = 3, name: str = "small_cnn") -> tuple[nn.Module, list[str]]:
    model, notes = build(name, classes, image_size=64), []
    load_weights(model, str(path), name=name, on_event=lambda event: event["event"] == "log" and notes.append(event["message"]))
    return model, notes


def refusal(path: Path, name: str = "small_cnn") -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, name=name)
    return caught.value.fields["weights"]


def saved(tmp_path: Path, value: object, **options) -> Path:
    torch.save(value, tmp_path / "w.pth", **options)
    return tmp_path / "w.pth"


def same(first: nn.Module, second: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True))


WRAPPINGS = {
    "plain": lambda state: state,
    "nested under model": lambda state: {"epoch": 3, "model": state},
    "nested twice": lambda state: {"model": {"state_dict": state}, "optimizer": {"state": {}}},
    "module. prefix": lambda state: {f"module.{name}": value for name, value in state.items()},
    "compiled, then wrapped": lambda state: {f"_orig_mod.module.{name}": value for name, value in state.items()},
    "without batch counts": lambda state: {name: value for name, value in state.items() if "num_batches" not in name},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_state_dict_is_found(tmp_path, wrapping):
    source = cnn()
    model, notes = load(saved(tmp_path, WRAPPINGS[wrapping](source.state_dict())))
    assert same(model, source) and notes == []


def test_the_old_format_of_torch_is_read(tmp_path):
    source = cnn()
    assert same(load(saved(tmp_path, source.state_dict(), _use_new_zipfile_serialization=False))[0], source)


def test_safetensors_are_read(tmp_path):
    source = cnn()
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    assert same(load(tmp_path / "w.safetensors")[0], source)


def test_half_precision_is_widened(tmp_path):
    source = cnn()
    model, _ = load(saved(tmp_path, {name: value.half() for name, value in source.state_dict().items()}))
    assert torch.equal(model.head.weight, source.head.weight.half().float())


def test_a_head_for_other_classes_starts_anew_and_says_so(tmp_path):
    source = cnn(classes=5)
    model, notes = load(saved(tmp_path, source.state_dict()))
    assert model.head.weight.shape == (3, 128) and "5 classes" in notes[0] and "head starts anew for 3" in notes[0]
    assert torch.equal(model.features[0][0].weight, source.features[0][0].weight)


def events_of(path: Path | str, classes: int) -> list[dict]:
    told: list[dict] = []
    load_weights(cnn(classes), str(path), name="small_cnn", on_event=told.append)
    return [event for event in told if event["event"] == "weights"]


def test_it_is_told_which_layers_matched(tmp_path):
    path = saved(tmp_path, cnn(classes=5).state_dict())
    (same_head,), (other_head,) = events_of(path, 5), events_of(path, 3)
    assert same_head["matched"] == same_head["tensors"] and same_head["fresh"] == []
    assert other_head["fresh"] == ["head.weight", "head.bias"] and other_head["matched"] == other_head["tensors"] - 2
    assert "w.pth" in other_head["message"] and "new are head.weight, head.bias" in other_head["message"]


def test_weights_of_another_network_are_refused_with_the_first_keys(tmp_path):
    path = saved(tmp_path, build("squeezenet1_1", 3, image_size=64).state_dict())
    text = refusal(path, "resnet18")
    assert "conv1.weight" in text and "features.0.weight" in text and "does not fit resnet18" in text


def test_a_layer_of_another_shape_is_named(tmp_path):
    state = cnn().state_dict() | {"features.0.0.weight": torch.zeros(16, 3, 3, 3)}
    assert "features.0.0.weight ([16, 3, 3, 3] in place of [32, 3, 3, 3])" in refusal(saved(tmp_path, state))


class Hostile:
    """A pickle of it would leave a file behind."""

    def __reduce__(self):
        return os.system, ("touch ran",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_runs_code_never_runs(tmp_path, monkeypatch, zipped):
    monkeypatch.chdir(tmp_path)
    text = refusal(saved(tmp_path, {"weight": Hostile()}, _use_new_zipfile_serialization=zipped))
    assert "never run" in text and "state_dict()" in text and not (tmp_path / "ran").exists()


def test_a_plain_pickle_is_refused(tmp_path):
    (tmp_path / "w.pth").write_bytes(pickle.dumps({"a": 1}))
    assert "pickle" in refusal(tmp_path / "w.pth")


def test_a_whole_model_is_refused_with_what_to_send(tmp_path):
    text = refusal(saved(tmp_path, cnn()))
    assert "whole model" in text and "state_dict()" in text


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_torchscript_is_refused(tmp_path):
    torch.jit.trace(cnn().eval(), torch.zeros(1, 3, 8, 8)).save(tmp_path / "w.pt")
    assert "TorchScript" in refusal(tmp_path / "w.pt")


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: data[:-1], lambda data: data[:-70_000] + bytes(70_000)]
)
def test_a_cut_or_zeroed_file_is_refused(tmp_path, damage, zipped):
    path = saved(tmp_path, cnn().state_dict(), _use_new_zipfile_serialization=zipped)
    path.write_bytes(damage(path.read_bytes()))
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"<html>not here</html>", b"\x80\x04"])
def test_what_is_no_weights_file_is_refused(tmp_path, data):
    (tmp_path / "w.pth").write_bytes(data)
    assert refusal(tmp_path / "w.pth").startswith("w.pth is")


def test_a_missing_file_is_refused(tmp_path):
    assert "is no file" in refusal(tmp_path / "none.pth")


def test_nan_is_refused_with_its_layer(tmp_path):
    state = cnn().state_dict()
    state["head.bias"][0] = torch.nan
    assert "NaN or infinity in head.bias" in refusal(saved(tmp_path, state))


@pytest.mark.filterwarnings("ignore:Validating sparse")
def test_a_sparse_tensor_is_refused(tmp_path):
    assert "sparse" in refusal(saved(tmp_path, {"head.weight": torch.eye(3).to_sparse()}))


def test_a_list_is_refused(tmp_path):
    assert "holds a list" in refusal(saved(tmp_path, [torch.zeros(3)]))


def test_a_file_without_tensors_is_refused(tmp_path):
    assert "holds no tensors (its keys: epoch)" in refusal(saved(tmp_path, {"epoch": 1}))


def test_a_tiny_file_that_declares_a_huge_shape_is_refused(tmp_path):
    assert "does not hold them" in refusal(saved(tmp_path, {"head.weight": torch.zeros(1).expand(10**12)}))


def test_an_old_stream_that_declares_a_huge_storage_is_refused_before_it_is_allocated(tmp_path):
    path = saved(tmp_path, {"a": torch.zeros(300)}, _use_new_zipfile_serialization=False)
    number = b"M" + struct.pack("<H", 300)  # BININT2, of the storage's count, the shape and the key
    path.write_bytes(path.read_bytes().replace(number, b"J" + struct.pack("<i", 2**31 - 1)))
    assert "more numbers than the file holds" in refusal(path)


def test_a_storage_shorter_than_declared_is_refused(tmp_path):
    path, lying = saved(tmp_path, {"a": torch.zeros(300)}), tmp_path / "lying.pth"
    number = b"M" + struct.pack("<H", 300)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(lying, "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member).replace(number, b"J" + struct.pack("<i", 2**31 - 1)))
    assert "damaged" in refusal(lying)


def test_compressed_storage_is_refused(tmp_path):
    path, packed = saved(tmp_path, {"a": torch.zeros(9)}), tmp_path / "packed.pth"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
    assert "compressed" in refusal(packed)


@pytest.mark.parametrize(
    "header",
    [
        struct.pack("<Q", 2**40) + b'{"a":1}',
        struct.pack("<Q", 60) + b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}     ',
        struct.pack("<Q", 200) + b'{"a":',
    ],
    ids=["huge header", "cut", "cut header"],
)
def test_unsound_safetensors_are_refused(tmp_path, header):
    (tmp_path / "w.safetensors").write_bytes(header)
    assert "no sound safetensors file" in refusal(tmp_path / "w.safetensors")


def test_default_weights_come_from_the_named_folder(tmp_path, monkeypatch):
    source = build("squeezenet1_1", 1000, image_size=64)
    torch.save(source.state_dict(), tmp_path / "squeezenet1_1-b8a52dc0.pth")
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path))
    model = build("squeezenet1_1", 3, image_size=64)
    load_weights(model, "default", name="squeezenet1_1")
    assert torch.equal(model.features[0].weight, source.features[0].weight)


def test_the_named_folder_may_begin_at_home(tmp_path, monkeypatch):
    (tmp_path / "squeezenet1_1-b8a52dc0.pth").touch()
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    monkeypatch.setenv("SYNSET_WEIGHTS", f"~/{tmp_path.name}")  # as a .env has it, which no shell reads
    monkeypatch.setattr("classifier.models.weights.download", lambda *_: None)
    assert published_file("squeezenet1_1", lambda _: None) == tmp_path / "squeezenet1_1-b8a52dc0.pth"


def test_default_weights_that_cannot_be_had_name_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # refuses at once
    with pytest.raises(ConfigError, match=r"resnet18-f37072fd\.pth .* SYNSET_WEIGHTS"):
        load_weights(build("resnet18", 3, image_size=64), "default", name="resnet18")


def test_a_transformers_positions_are_resampled_for_another_image_size(tmp_path):
    source = build("vit_b_32", 3, image_size=224)
    state = OrderedDict(source.state_dict())
    notes: list[str] = []
    model = build("vit_b_32", 3, image_size=256)
    load_weights(model, str(saved(tmp_path, state)), name="vit_b_32", on_event=lambda event: notes.append(event["message"]))
    assert model.encoder.pos_embedding.shape == (1, 65, 768) and "resampled" in notes[0]


@pytest.mark.shared
@pytest.mark.skipif(not SQUEEZENET.exists(), reason="the folder of real image sets is not beside the checkout")
def test_real_imagenet_weights_load_with_a_new_head():
    model, notes = load(SQUEEZENET, classes=10, name="squeezenet1_1")
    assert model.classifier[1].weight.shape[0] == 10 and "1,000 classes" in notes[0]


@pytest.mark.shared
@pytest.mark.skipif(not SQUEEZENET.exists(), reason="the folder of real image sets is not beside the checkout")
def test_real_weights_of_another_network_are_refused():
    assert "does not fit resnet18" in refusal(SQUEEZENET, "resnet18")


def test_a_frozen_backbone_learns_in_the_head_alone():
    model = cnn()
    freeze_backbone(model)
    learning = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert learning == ["head.weight", "head.bias"]


def test_a_frozen_backbone_keeps_its_norms_statistics_in_training():
    model = cnn()
    freeze_backbone(model)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()(torch.randn(8, 3, 16, 16)).sum().backward()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert model.training and model.head.weight.grad is not None and model.dropout.training


def test_the_head_of_a_frozen_backbone_is_the_one_that_gives_the_classes():
    model = build("mobilenet_v3_small", 4, image_size=64)
    freeze_backbone(model)
    assert {name for name, p in model.named_parameters() if p.requires_grad} == {
        f"{head_of(model)[0]}.{kind}" for kind in ("weight", "bias")
    }
