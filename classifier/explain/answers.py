"""What can be asked of a loaded network, and its answers as JSON; pictures are data URIs.

{"about": "why", "method", "label"} → the explained class, its probability, figures of the method, "map", "image", "overlay", "top"
{"about": "layers"} → {"parameters", "layers": [{"name", "kind", "shape", "parameters", "mean", "deviation", "silent", "channels"}], …}
{"about": "layer", "layer"} → the same of one, "given" with its histogram and picture, and each of its "weights" so
{"about": "filter", "layer", "filter"} → {"layer", "filter", "picture", "before", "after"}: what excites it the most
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import functional

from classifier.explain.explainer import Explainer
from classifier.explain.layers import Unit, figures, weights_of
from classifier.explain.pictures import as_png, overlay, plain, side_of
from classifier.explain.tiles import of_maps, of_weights
from classifier.spec.errors import InputError
from classifier.spec.events import ShouldStop, finite, never
from classifier.spec.explaining import DEFAULT

MAP_SIDE = 32  # of the numbers that are handed over, at most
Ask = dict[str, Any]
Answer = Callable[[Explainer, Tensor, Ask, ShouldStop], dict[str, Any]]


def as_data(png: bytes) -> str:
    """A PNG as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def numbers(heat: Tensor) -> list[list[float]]:
    """The map in rows, of a fine one the means of its parts."""
    if max(heat.shape) > MAP_SIDE:
        heat = functional.adaptive_avg_pool2d(heat[None], (MAP_SIDE, MAP_SIDE))[0]
    return [[round(value, 4) for value in row] for row in heat.tolist()]


def why(explainer: Explainer, image: Tensor, ask: Ask, should_stop: ShouldStop) -> dict[str, Any]:
    """Why the image is of a class, or is not."""
    found = explainer.explain(image, str(ask.get("method") or DEFAULT), ask.get("label") or None, should_stop)
    side = side_of(image)
    named = explainer.named(found.label, float(found.odds[found.label]))
    pictures = {"image": as_data(as_png(plain(image, side))), "overlay": as_data(overlay(found.heat, side)), "side": side}
    return {"method": found.method, **named, **found.about, "map": numbers(found.heat), **pictures, "top": explainer.top(found.odds)}


def line_of(unit: Unit) -> dict[str, Any]:
    """One layer in a line."""
    named = {"name": unit.name, "kind": unit.kind, "shape": unit.shape, "parameters": unit.parameters}
    given = unit.given or {}
    return named | {"mean": given.get("mean"), "deviation": given.get("deviation"), "silent": unit.silent, "channels": unit.channels}


def layers(explainer: Explainer, image: Tensor, ask: Ask, should_stop: ShouldStop) -> dict[str, Any]:
    """Every layer in a line, and the image on which they ran."""
    found = explainer.layers(image)
    side = side_of(image)
    whole = {"parameters": sum(unit.parameters for unit in found), "layers": [line_of(unit) for unit in found]}
    return whole | {"image": as_data(as_png(plain(image, side))), "side": side}


def layer(explainer: Explainer, image: Tensor, ask: Ask, should_stop: ShouldStop) -> dict[str, Any]:
    """One layer with its pictures and histograms."""
    unit = explainer.layer(image, str(ask.get("layer")))
    given = None if unit.given is None else unit.given | {"picture": as_data(as_png(of_maps(unit.maps))), "shown": len(unit.maps)}
    if unit.name not in explainer.learnt:
        explainer.learnt[unit.name] = [learnt(name, values) for name, values in weights_of(explainer.model, unit)]
    return line_of(unit) | {"given": given, "weights": explainer.learnt[unit.name]}


def learnt(name: str, values: Tensor) -> dict[str, Any]:
    """One of a layer's tensors with its picture."""
    pixels, words = of_weights(values)
    return {"name": name, "shape": list(values.shape), **figures(values), "picture": as_data(as_png(pixels)), "words": words}


def looked_for(explainer: Explainer, image: Tensor, ask: Ask, should_stop: ShouldStop) -> dict[str, Any]:
    """What one filter of a layer looks for."""
    try:
        channel = int(ask.get("filter", 0))
    except (TypeError, ValueError):
        raise InputError(f"The filter must be a number from 0; {str(ask.get('filter'))[:40]} came.") from None
    unit = explainer.layer(image, str(ask.get("layer")))
    picture, before, after = explainer.looks_for(unit, channel, should_stop)
    shown = as_data(as_png(plain(picture, side_of(picture))))
    return {"layer": unit.name, "filter": channel, "picture": shown, "before": before, "after": after}


ANSWERS: dict[str, Answer] = {"why": why, "layers": layers, "layer": layer, "filter": looked_for}


def answer(explainer: Explainer, file: str, data: bytes, ask: Ask, should_stop: ShouldStop = never) -> dict[str, Any]:
    """The answer about an image file's bytes; raises InputError for a question that there is not, and Interrupted."""
    asked = ANSWERS.get(str(ask.get("about")))
    if asked is None:
        raise InputError(f"The question must be about {' or '.join(ANSWERS)}; {str(ask.get('about'))[:40]} came.")
    began = time.perf_counter()
    told = asked(explainer, explainer.seen(file, data), ask, should_stop)
    answered: dict[str, Any] = finite(told | {"epoch": explainer.epoch, "seconds": round(time.perf_counter() - began, 3)})
    return answered
