"""Full precision, also where several threads ask for it."""

from __future__ import annotations

import pytest
import torch

from classifier.inference import full_precision


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
