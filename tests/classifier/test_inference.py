"""Full precision, also where several threads ask for it; logits, which are held once."""

from __future__ import annotations

import io
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from classifier import inference
from classifier.data.pack import MemoryPack
from classifier.inference import full_precision, logits
from classifier.spec.batches import looked_at

CLASSES = 500


@pytest.mark.parametrize("first", [0, 1])
def test_it_holds_until_the_last_of_those_who_overlap_has_left(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """As where one thread classifies while another explains."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    both = full_precision(), full_precision()
    for each in both:
        each.__enter__()
    both[first].__exit__(None, None, None)
    assert not torch.backends.cudnn.allow_tf32
    both[1 - first].__exit__(None, None, None)
    assert torch.backends.cudnn.allow_tf32


class Held(TorchDispatchMode):
    """The most bytes that living tensors with a number for each class take at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[weakref.ref[torch.Tensor]] = []
        self.most = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if isinstance(found, torch.Tensor) and found.shape[-1:] == (CLASSES,):
            self.made.append(weakref.ref(found))
            living = [each.untyped_storage() for ref in self.made if (each := ref()) is not None]
            self.most = max(self.most, sum({memory.data_ptr(): memory.nbytes() for memory in living}.values()))
        return found


@pytest.fixture
def pack() -> MemoryPack:
    """One image, which is asked for as often as one likes."""
    file = io.BytesIO()
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(file, "PNG")
    return MemoryPack.from_files([("one.png", file.getvalue())])[0]


def test_logits_are_held_once(pack: MemoryPack) -> None:
    model = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, CLASSES))
    rows = np.zeros(1000, np.int64)
    how: dict[str, Any] = {"image_size": 8, "normalisation": ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25)), "device": "cpu"}
    with Held() as held:
        found = logits(model, pack, rows, **how)
    assert found.nbytes <= held.most < 1.3 * found.nbytes  # and a batch
    assert found.shape == (1000, CLASSES) and torch.allclose(found, logits(model, pack, rows[:1], **how), atol=1e-5)


@pytest.mark.parametrize(("side", "together"), [(8, 64), (224, 64), (512, 15), (2500, 1)])
def test_of_large_images_fewer_are_looked_at_together(side: int, together: int) -> None:
    assert looked_at(64, side) == together


def test_large_images_go_through_a_network_a_few_at_a_time(pack: MemoryPack) -> None:
    seen: list[int] = []
    model = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, CLASSES))
    model.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    found = logits(model, pack, [0] * 20, image_size=1000, normalisation=([0.5] * 3, [0.25] * 3), device="cpu")
    assert len(found) == 20 and seen == [4] * 5


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_what_cannot_be_decoded_is_left_out_in_place(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr("classifier.inference.MOVED", chunk)
    values, kept = torch.arange(14.0).reshape(7, 2), np.array([False, True, True, False, False, True, True])
    wanted = values[torch.from_numpy(kept)]
    found = inference.moved_up(values, kept)
    assert (found == wanted).all() and found.data_ptr() == values.data_ptr()
    every = inference.moved_up(found, np.ones(4, bool))
    assert (every == wanted).all() and len(inference.moved_up(every, np.zeros(4, bool))) == 0
