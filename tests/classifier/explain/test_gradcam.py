"""Grad-CAM: where it looks, held against cases in which the answer is known."""

from __future__ import annotations

import pytest
import torch
from captum import attr as captum
from torch import nn

from classifier.explain.gradcam import gradcam, place_of
from classifier.explain.orders import are_patches, patches
from classifier.models.build import build, head_of
from tests.classifier.explain.networks import made


def test_of_a_pooled_linear_head_the_map_is_the_heads_own_weights_over_the_features():
    """Zhou et al., 2016: class activation maps are what Grad-CAM is for such networks."""
    torch.manual_seed(0)
    model = build("resnet18", 4, image_size=64).eval()
    images = torch.randn(1, 3, 64, 64)
    heat, logits, name = gradcam(model, images, 2)
    caught = []
    handle = model.layer4.register_forward_hook(lambda *given: caught.append(given[2]))
    with torch.no_grad():
        assert torch.equal(model(images)[0], logits)
    handle.remove()
    wanted = (model.fc.weight[2][:, None, None] * caught[0][0]).sum(0).relu().detach()
    assert name == "layer4" and torch.allclose(heat, wanted / wanted.max(), atol=1e-5)


class Corner(nn.Module):
    """Looks for brightness; its head counts it."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, 1, 1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(1, 2)
        nn.init.ones_(self.features.weight), nn.init.zeros_(self.features.bias)
        self.head.weight.data = torch.tensor([[1.0], [-1.0]])

    def forward(self, images):
        return self.head(self.pool(self.features(images)).flatten(1))


def test_the_map_is_where_the_evidence_is_and_empty_for_the_class_that_it_speaks_against():
    images = torch.zeros(1, 3, 8, 8)
    images[..., :4, :4] = 1
    for_it, against = (gradcam(Corner().eval(), images, label)[0] for label in (0, 1))
    assert torch.equal(for_it, images[0, 0]) and not against.any()


def test_patches_of_a_transformer_lie_as_in_the_image_without_the_class_token():
    tokens = torch.arange(1 + 9).float().view(1, 10, 1)
    assert patches(tokens)[0, 0].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_a_transformers_map_comes_from_patches_that_the_class_token_looks_at():
    torch.manual_seed(0)
    model = build("vit_b_32", 3, image_size=224).eval()
    nn.init.normal_(head_of(model)[1].weight)
    heat, _, name = gradcam(model, torch.randn(1, 3, 224, 224))
    assert name.endswith("encoder_layer_11.ln_1") and heat.shape == (7, 7) and heat.max() == 1


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v3_small", "efficientnet_lite0", "small_cnn"])
def test_the_map_is_of_the_last_features_before_the_head(name):
    model = build(name, 3, image_size=64).eval()
    place = place_of(model, torch.randn(1, 3, 64, 64))
    assert place.name.startswith("features") or place.name.startswith("classifier.0")


@pytest.mark.parametrize("name", ["resnet18", "convnext_tiny", "densenet121", "googlenet", "regnet_y_400mf", "shufflenet_v2_x0_5", "vgg11"])
def test_what_captum_finds_in_the_same_layer_is_found(name):
    torch.manual_seed(0)
    model = build(name, 4, image_size=64).eval()
    images = torch.randn(1, 3, 64, 64)
    heat, _, layer = gradcam(model, images, 1)
    theirs = captum.LayerGradCam(model, model.get_submodule(layer)).attribute(images, target=1)[0, 0].relu().detach()
    assert torch.allclose(heat, theirs / theirs.max().clamp_min(1e-12), atol=1e-4)


@pytest.mark.parametrize(("name", "side", "channels", "grid"), [("swin_t", 64, 768, 2), ("swin_t", 32, 384, 2), ("maxvit_t", 224, 512, 7)])
def test_windows_of_a_transformer_lie_as_in_the_image_though_their_channels_come_last(name, side, channels, grid):
    model = made(name, side)
    images = torch.randn(1, 3, side, side)
    place = place_of(model, images)
    caught = []
    handle = place.layer.register_forward_hook(lambda *given: caught.append(place.as_map(given[2])))
    with torch.no_grad():
        model(images)
    handle.remove()
    assert caught[-1].shape == (1, channels, grid, grid) and gradcam(model, images)[0].shape == (grid, grid)


def test_a_class_token_and_a_square_are_patches_and_a_list_of_features_is_none():
    assert are_patches(torch.zeros(1, 50, 8)) and not are_patches(torch.zeros(1, 49, 8)) and not are_patches(torch.zeros(1, 50))
