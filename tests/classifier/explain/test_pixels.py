"""Integrated gradients and occlusion, held against cases in which the answer is known and against what captum finds."""

from __future__ import annotations

import pytest
import torch
from captum import attr as captum
from torch import nn

from classifier.explain.pixels import covers, integrated, occlusion
from classifier.spec.errors import Interrupted
from tests.classifier.explain.networks import made


class Weighs(nn.Module):
    """A linear network: what each value adds is its weight times itself."""

    def __init__(self, side: int = 16) -> None:
        super().__init__()
        self.head = nn.Linear(3 * side * side, 2, bias=False)

    def forward(self, images):
        return self.head(images.flatten(1))


@pytest.fixture(scope="module")
def images():
    torch.manual_seed(1)
    return torch.randn(1, 3, 64, 64)


@pytest.fixture(scope="module", params=["small_cnn", "resnet18", "tiny_vit", "tiny_swin"])
def model(request):
    return made(request.param, 64)


def test_of_a_linear_network_each_value_adds_its_weight_times_itself():
    torch.manual_seed(0)
    network, image = Weighs(), torch.randn(1, 3, 16, 16)
    found = integrated(network, image, 1, nodes=2)
    assert torch.allclose(found.flatten(), network.head.weight[1].detach() * image.flatten(), atol=1e-6)


def test_the_pixels_add_up_to_what_the_image_says_above_plain_grey(model, images):
    found = integrated(model, images, 1)
    with torch.no_grad():
        difference = model(images)[0, 1] - model(torch.zeros_like(images))[0, 1]
    assert float(found.sum()) == pytest.approx(float(difference), rel=0.05, abs=0.02)


def test_captum_finds_the_same_gradients(model, images):
    theirs = captum.IntegratedGradients(model).attribute(images, target=2, n_steps=12, method="gausslegendre")[0]
    assert torch.allclose(integrated(model, images, 2, nodes=12), theirs.float(), atol=1e-5)


def test_a_large_image_is_looked_at_in_several_passes_with_the_same_result(model, images, monkeypatch):
    whole = integrated(model, images, 0, nodes=5), occlusion(model, images, 0)[0]
    monkeypatch.setattr("classifier.explain.pixels.PASS_PIXELS", 2 * 64 * 64)
    parts = integrated(model, images, 0, nodes=5), occlusion(model, images, 0)[0]
    assert all(torch.allclose(one, other, atol=1e-4) for one, other in zip(whole, parts, strict=True))


def test_what_falls_is_where_the_evidence_was_covered():
    image = torch.zeros(1, 3, 16, 16)
    image[..., 2, 2] = 1
    network = Weighs()
    nn.init.ones_(network.head.weight)
    found, logits = occlusion(network, image, 0)
    lit = found > 0
    assert lit[:4, :4].all() and not lit[6:].any() and not lit[:, 6:].any() and logits.shape == (49, 2)


def test_captum_finds_the_same_falls(model, images):
    theirs = captum.Occlusion(model).attribute(images, (3, 16, 16), strides=(3, 8, 8), baselines=0, target=1)[0, 0]
    assert torch.allclose(occlusion(model, images, 1)[0], theirs.float(), atol=1e-4)


@pytest.mark.parametrize("side", [8, 15, 32, 224])
def test_covers_reach_every_pixel(side):
    reached = torch.zeros(side, side)
    for top, bottom, left, right in covers(side):
        reached[top:bottom, left:right] += 1
    assert reached.min() >= 1


@pytest.mark.parametrize("ask", [integrated, occlusion])
def test_who_left_is_not_computed_for(model, images, ask):
    with pytest.raises(Interrupted):
        ask(model, images, 0, should_stop=lambda: True)
