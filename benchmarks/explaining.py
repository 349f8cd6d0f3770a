"""What an explanation takes on this processor: from an image file to the map over it, by a network of ImageNet's size that is loaded."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path

from torch import nn

from benchmarks.harness import Row
from benchmarks.pictures import photographs
from classifier.data.load import Prepare, evaluated
from classifier.explain import Explainer
from classifier.explain.answers import answer
from classifier.models.build import build

MODEL, SIDE, CLASSES = "resnet50", 224, 1000
LAYER = "layer3.2.conv2"
MILLISECONDS = 1000


class Untrained:
    """A network that has learnt nothing, which takes the same time."""

    classes = [f"class {number}" for number in range(CLASSES)]
    names: dict[str, str] = {}
    normalisation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    eval_size, tta = SIDE, None
    prepare: Prepare = staticmethod(evaluated)

    def load_model(self, checkpoint: str | int = "best", *, raw: bool = False) -> tuple[nn.Module, int]:
        """With its head for ImageNet's classes."""
        return build(MODEL, CLASSES, image_size=SIDE).eval(), 0


class Explaining:
    """The loaded network, and a photograph."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    @functools.cached_property
    def photograph(self) -> bytes:
        """A file's bytes."""
        return sorted(photographs(self.scratch).rglob("*.jp*g"))[0].read_bytes()

    @functools.cached_property
    def explainer(self) -> Explainer:
        """Warm."""
        made = Explainer(Untrained(), device="cpu")
        for about in ({"about": "why"}, {"about": "layer", "layer": LAYER}):
            answer(made, "a.jpg", self.photograph, about)
        made.predict([("a.jpg", self.photograph)])
        return made

    def gradcam(self) -> float:
        """Milliseconds from the file to the answer with its pictures."""
        return self.took(lambda explainer: answer(explainer, "a.jpg", self.photograph, {"about": "why", "method": "gradcam"}))

    def layer(self) -> float:
        """Milliseconds of one layer, of an image that was looked at."""
        return self.took(lambda explainer: answer(explainer, "a.jpg", self.photograph, {"about": "layer", "layer": LAYER}))

    def classified(self) -> float:
        """Milliseconds of classifying the same file."""
        return self.took(lambda explainer: explainer.predict([("a.jpg", self.photograph)]))

    def took(self, work: Callable[[Explainer], object]) -> float:
        explainer, _ = self.explainer, self.photograph  # there before the clock starts
        began = time.perf_counter()
        work(explainer)
        return MILLISECONDS * (time.perf_counter() - began)


def rows(scratch: Path) -> list[Row]:
    """Grad-CAM beside a classification, and one layer of many."""
    explaining = Explaining(scratch / "explained")
    return [
        Row("results/gradcam-resnet50", "ms", explaining.gradcam, baseline=explaining.classified),
        Row("results/layer-resnet50", "ms", explaining.layer),
    ]
