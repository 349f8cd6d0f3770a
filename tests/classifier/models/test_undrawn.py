"""A network that is about to read its weights does not draw them first."""

from __future__ import annotations

import pytest
import torch

from classifier.models.build import build
from classifier.models.unallocated import Undrawn

# by each way that torchvision draws weights, and one that computes tables which no checkpoint keeps
NAMES = [("small_cnn", 32), ("squeezenet1_1", 64), ("mobilenet_v3_small", 32), ("googlenet", 64), ("swin_v2_t", 256), ("maxvit_t", 224)]


@pytest.mark.parametrize(("name", "side"), NAMES)
def test_nothing_is_drawn_and_what_is_read_makes_it_the_same_network(name: str, side: int) -> None:
    drawn = build(name, 3, image_size=side)
    before = torch.get_rng_state()
    with Undrawn():
        model = build(name, 3, image_size=side)
    assert torch.equal(torch.get_rng_state(), before)
    model.load_state_dict(drawn.state_dict())
    for kept, read in zip([*drawn.parameters(), *drawn.buffers()], [*model.parameters(), *model.buffers()], strict=True):
        assert torch.equal(kept, read)
    assert all(parameter.requires_grad for parameter in model.parameters())
