"""A network that stays loaded, and says why."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from classifier.data.augment import normalise
from classifier.data.pack import MemoryPack
from classifier.evaluate import full_precision
from classifier.explain.gradcam import Place, gradcam, place_of
from classifier.explain.layers import Unit, units
from classifier.explain.maximise import maximise
from classifier.explain.pictures import scaled
from classifier.explain.pixels import EXACT, NODES, integrated, occlusion
from classifier.predict import Predictor, Source
from classifier.spec.errors import InputError
from classifier.spec.events import ShouldStop, never
from classifier.spec.explaining import DEFAULT, METHODS
from classifier.threads import one_thread

NO_NUMBERS = "What this network says of the image are no numbers, so there is nothing to explain. Choose another checkpoint."


@dataclass(frozen=True)
class Explanation:
    """Why one image is of one class, or is not."""

    method: str
    label: int  # the explained class, a place among the network's
    heat: Tensor  # float32 [h, w] from -1 (against the class) to 1 (for it)
    odds: Tensor  # float32 [classes], the network's probabilities
    about: dict[str, Any]  # figures that say how far the map can be trusted, by method


class Explainer(Predictor):
    """A RUN's or a published network, loaded once: questions may then come as often as they like.

    Its weights take no gradient, so that a map costs no more than the layers that it is about.
    """

    def __init__(self, run: Source | Path | str, *, checkpoint: str = "best", raw: bool = False, device: str = "auto") -> None:
        super().__init__(run, checkpoint=checkpoint, raw=raw, device=device)
        self.model = self.model.to(self.device, torch.float32).eval().requires_grad_(False)
        self.place: Place | None = None
        self.looked: tuple[bytes, list[Unit]] = (b"", [])  # which image was looked at last, layer by layer
        self.learnt: dict[str, list[dict[str, Any]]] = {}  # what was told of a layer's weights, which stay as they are

    def seen(self, name: str, data: bytes) -> Tensor:
        """uint8 [3, S, S] of an image file, as the network sees it; raises InputError where it cannot be read."""
        pack, errors = MemoryPack.from_files([(name, data)])
        if errors:
            raise InputError(f"{name}: {errors[0].message}")
        return self.run.prepare(pack, 0, self.run.eval_size)

    def given(self, image: Tensor) -> Tensor:
        """float32 [1, 3, S, S]: what its first layer is given."""
        return normalise(image[None].to(self.device), self.run.normalisation).float()

    def class_of(self, label: str | None) -> int | None:
        """The place of a label among the network's classes; raises InputError for one that it does not know."""
        classes = self.run.classes
        if label is not None and label not in classes:
            known = ", ".join(classes[:8]) + ("…" if len(classes) > 8 else "")
            raise InputError(f"The network does not know the class {label[:60]!r}; it knows {known}.")
        return None if label is None else classes.index(label)

    def explain(self, image: Tensor, method: str = DEFAULT, label: str | None = None, should_stop: ShouldStop = never) -> Explanation:
        """Why an image [3, S, S] is of that class; without one, of the likeliest. Raises InputError for an unknown method or class."""
        if method not in METHODS:
            raise InputError(f"The method must be one of {', '.join(METHODS)}; {method[:40]} came.")
        wanted, images = self.class_of(label), self.given(image)
        with full_precision():
            if method == "gradcam":
                with one_thread():
                    self.place = self.place or place_of(self.model, images)
                    heat, logits, layer = gradcam(self.model, images, wanted, self.place)
                chosen = int(logits.argmax()) if wanted is None else wanted
                about: dict[str, Any] = {"layer": layer, "grid": list(heat.shape)}
            else:
                with torch.no_grad():
                    logits = self.model(images)[0]
                chosen = int(logits.argmax()) if wanted is None else wanted
                explain = self.by_pixel if method == "integrated" else self.by_covering
                heat, about = explain(images, chosen, logits, should_stop)
        if not all(torch.isfinite(part).all() for part in (logits, heat)):
            raise InputError(NO_NUMBERS)
        return Explanation(method, chosen, scaled(heat).cpu(), logits.softmax(0).cpu(), about)

    def by_pixel(self, images: Tensor, label: int, logits: Tensor, should_stop: ShouldStop) -> tuple[Tensor, dict[str, Any]]:
        """Integrated gradients over as many nodes as they need, and how much of the difference to plain grey they add up to."""
        with torch.no_grad():
            difference = float(logits[label] - self.model(torch.zeros_like(images))[0, label])
        for nodes in NODES:
            found = integrated(self.model, images, label, nodes=nodes, should_stop=should_stop)
            told = {"difference": difference, "sum": float(found.sum()), "nodes": nodes}
            if abs(told["sum"] - difference) <= EXACT * abs(difference):
                break
        return found.sum(0), told

    def by_covering(self, images: Tensor, label: int, logits: Tensor, should_stop: ShouldStop) -> tuple[Tensor, dict[str, Any]]:
        """Occlusion, and how probable the class still was under the cover that cost it the most."""
        heat, covered = occlusion(self.model, images, label, should_stop=should_stop)
        odds = covered.softmax(1)[:, label]
        return heat, {"covers": len(covered), "least": float(odds.min()), "most": float(odds.max())}

    def layers(self, image: Tensor) -> list[Unit]:
        """Every layer as it runs on an image [3, S, S]; of the newest image they are kept, so that one after the other can be shown."""
        digest = hashlib.sha256(image.numpy().tobytes()).digest()
        if self.looked[0] != digest:
            with full_precision(), one_thread():
                self.looked = (digest, units(self.model, self.given(image)))
        return self.looked[1]

    def layer(self, image: Tensor, name: str) -> Unit:
        """One of them; raises InputError for a name that no layer has."""
        found = next((unit for unit in self.layers(image) if unit.name == name), None)
        if found is None:
            raise InputError(f"This network has no layer {name[:80]!r}; its layers are listed by name.")
        return found

    def looks_for(self, unit: Unit, channel: int, should_stop: ShouldStop = never) -> tuple[Tensor, float, float]:
        """As `maximise` says of one of a layer's channels."""
        if unit.given is None:
            raise InputError(f"{unit.name} are weights by themselves, and no layer that could be excited.")
        times = int(unit.name.removeprefix(unit.module).strip(" ()") or 1)
        side, normalisation = self.run.eval_size, self.run.normalisation
        with full_precision():
            return maximise(
                self.model, unit.module, channel, side=side, normalisation=normalisation, device=self.device, times=times,
                should_stop=should_stop,
            )  # fmt: skip

    def top(self, odds: Tensor, most: int = 5) -> list[dict[str, Any]]:
        """The likeliest classes with their probabilities, best first."""
        best = odds.topk(min(most, len(odds)))
        return [self.named(int(place), float(value)) for value, place in zip(best.values, best.indices, strict=True)]
