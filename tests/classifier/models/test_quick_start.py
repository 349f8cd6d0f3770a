"""A process that measures or classifies starts without torch's compiler; who asks for that gets it whole."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torchvision.ops import roi_align

ASKED = """
import sys
import classifier.evaluate, classifier.explain.explainer, classifier.predict, classifier.training.loop
assert not [name for name in sys.modules if name.startswith("torch._dynamo")], "the compiler was loaded"
import torch
from torchvision.ops.roi_align import is_compile_supported
from classifier.models.quick_start import is_compile_supported as ours
assert is_compile_supported is ours
print(is_compile_supported("cpu"), torch._dynamo.utils.is_compile_supported("cpu"), torch._dynamo.__file__ is not None)
"""


def test_nothing_that_measures_loads_the_compiler_until_it_is_asked_for():
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours, torchs, whole = done.stdout.split()
    assert ours == torchs and whole == "True"


@pytest.mark.parametrize("side", [1, 3])
def test_what_torchvision_does_with_boxes_is_as_it_was(side):
    images, boxes = torch.arange(16.0).view(1, 1, 4, 4), torch.tensor([[0.0, 0.0, 0.0, 4.0, 4.0]])
    found = torch.ops.torchvision.roi_align(images, boxes, 1.0, side, side, -1, False)
    torch.testing.assert_close(roi_align(images, boxes, side), found)


BUNDLED = """
import sys
from classifier.models.build import build
from classifier.models.unallocated import Unallocated
from classifier.models.weights import load_weights
from classifier.spec.bundled import MODEL
load_weights(build(MODEL, 3, image_size=32), "default", name=MODEL)
with Unallocated():
    assert build("vit_b_32", 3, image_size=224).heads.head.weight.is_meta
print("torch._dynamo" in sys.modules)
"""


def test_the_bundled_weights_and_networks_without_numbers_load_no_compiler():
    done = subprocess.run([sys.executable, "-c", BUNDLED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr
