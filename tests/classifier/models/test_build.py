"""Every network of the catalogue, built without allocating its weights."""

import pytest
import torch
from torch import nn
from torchvision import models

from classifier.models.build import build, head_of
from classifier.models.make_catalogue import parameters, rows
from classifier.models.unallocated import Unallocated
from classifier.spec.catalogue import MODELS, ModelEntry
from classifier.spec.errors import ConfigError


@pytest.mark.parametrize("entry", MODELS.values(), ids=lambda entry: entry.name)
def test_a_network_has_its_published_size_and_a_head_for_the_classes(entry: ModelEntry):
    with Unallocated():
        model = build(entry.name, 1000, image_size=entry.image_size)
        head = head_of(build(entry.name, 7, image_size=entry.image_size))[1]
    auxiliary = {"googlenet": 0, "inception_v3": 27_161_264 - 23_834_568}  # published with, and here without, a second head
    assert parameters(model) == entry.parameters - auxiliary.get(entry.name, 0)
    assert head.weight.shape[0] == 7


def test_the_catalogue_holds_torchvisions_networks_and_ours():
    assert set(MODELS) == {"small_cnn", "efficientnet_lite0", *models.list_models(module=models)}


def test_the_catalogues_rows_are_torchvisions_own():
    assert [tuple(entry) for entry in MODELS.values()] == rows()


@pytest.mark.parametrize(
    ("name", "stride"),
    [("small_cnn", 8), ("squeezenet1_1", 16), ("resnet18", 32), ("alexnet", 32), ("swin_t", 32), ("vit_b_16", 16), ("maxvit_t", 32)],
)
def test_the_catalogue_tells_how_many_pixels_make_one_place_of_the_last_map(name: str, stride: int):
    assert MODELS[name].stride == stride


SMALL = ["small_cnn", "efficientnet_lite0", "squeezenet1_1", "mobilenet_v3_small", "regnet_y_400mf", "shufflenet_v2_x0_5"]


@pytest.mark.parametrize("name", SMALL)
def test_a_network_gives_a_logit_a_class(name: str):
    model = build(name, 3, image_size=64).eval()
    with torch.inference_mode():
        assert model(torch.zeros(2, 3, 64, 64)).shape == (2, 3)


def test_a_training_inception_gives_plain_logits():
    model = build("inception_v3", 3, image_size=75).train()
    with torch.no_grad():
        assert model(torch.zeros(2, 3, 75, 75)).shape == (2, 3)


def test_a_transformer_takes_another_image_size():
    model = build("vit_b_32", 2, image_size=256)
    with torch.inference_mode():
        assert model(torch.zeros(1, 3, 256, 256)).shape == (1, 2)


def test_an_image_size_in_broken_patches_is_refused_with_one_that_fits():
    with pytest.raises(ConfigError, match="multiple of 16 for vit_b_16, such as 256; 250 came"):
        build("vit_b_16", 2, image_size=250)


def test_an_image_too_small_for_the_network_is_refused():
    with pytest.raises(ConfigError, match="at least 63 for alexnet"):
        build("alexnet", 2, image_size=32)


def test_an_unknown_name_is_refused_with_one_that_comes_near():
    with pytest.raises(ConfigError, match="resnet18"):
        build("resnet1", 2, image_size=32)


def test_the_head_is_found_by_name():
    assert head_of(build("squeezenet1_1", 10, image_size=64))[0] == "classifier.1"
    assert isinstance(head_of(build("resnet18", 10, image_size=64))[1], nn.Linear)
