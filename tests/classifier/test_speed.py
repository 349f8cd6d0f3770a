"""How long batches take: measured as the network predicts, and never at the cost of what it is measured for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from classifier import speed

CPU = torch.device("cpu")


class Small(nn.Module):
    """Two numbers an image."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3))[:, :2]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more runs than there must be."""
    monkeypatch.setattr(speed, "SECONDS", 0.0)


def test_it_is_measured_in_the_precision_that_it_is_told_of(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training lets a GPU shorten fp32, which is several times as fast as what predicts."""
    seen = set()

    class Watching(Small):
        def forward(self, images: Tensor) -> Tensor:
            seen.add((torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32))
            return super().forward(images)

    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert speed.speeds(Watching(), 8, CPU)["precision"] == "fp32"
    assert seen == {(False, False)} and torch.backends.cudnn.allow_tf32


def test_batches_that_the_memory_does_not_hold_are_left_out(quick: None) -> None:
    """A test split may have fewer images than the largest batch: its training must not fail for want of room for more."""

    class Large(Small):
        def forward(self, images: Tensor) -> Tensor:
            if len(images) > 4:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
            return super().forward(images)

    assert [row["batch"] for row in speed.speeds(Large(), 8, CPU)["batches"]] == [1, 4]


def test_what_else_goes_wrong_is_not_hidden(quick: None) -> None:
    class Broken(Small):
        def forward(self, images: Tensor) -> Tensor:
            raise RuntimeError("no kernel image is available")

    with pytest.raises(RuntimeError, match="no kernel image"):
        speed.speeds(Broken(), 8, CPU)
