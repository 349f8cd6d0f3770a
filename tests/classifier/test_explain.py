"""Grad-CAM: where it looks, held against cases in which the answer is known."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from classifier.explain import gradcam, patches, place_of
from classifier.models.build import build, head_of


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
