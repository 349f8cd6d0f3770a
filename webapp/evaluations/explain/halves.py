"""What networks said of a picture, as the part of a page shows it: a half for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.spec.explaining import METHODS
from webapp.core.words import percent
from webapp.evaluations.explain.asking import Side

DOUBTFUL = 0.1  # of what integrated gradients should add up to, beyond which they are told to
EMPTY = "No place of layer {layer} speaks for this class, so nothing is coloured. The other methods show what speaks against it, too."


def halves(
    sides: Sequence[Side], answers: Sequence[dict[str, Any]], names: Mapping[str, str], *, path: str, true: str = ""
) -> dict[str, Any]:
    """For `evaluations/explain/_shown.html`: each network's answer with its labels by their readable names. `path` is the picture's,
    `true` its class, where that is known."""
    told = [half(side, answer, names) | {"path": path, "true": true} for side, answer in zip(sides, answers, strict=True)]
    words = next((METHODS[answer["method"]] for answer in answers if "method" in answer), None)
    return {"sides": told, "words": words}


def half(side: Side, answer: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """One of them; `name` is the network's."""
    seen = {**answer, "name": side.name, "model": side.model, "words": side.words}
    if "error" in answer:
        return seen
    top = [{**each, "shown": names.get(each["label"]) or each.get("name") or each["label"]} for each in answer["top"]]
    named = {"shown_name": names.get(answer["label"]) or answer.get("name") or answer["label"], "top": top}
    return seen | named | {"figures": figures(answer), "method_words": METHODS[answer["method"]]}


def figures(answer: dict[str, Any]) -> str:
    """How far its map can be trusted, in a sentence."""
    if answer["method"] == "gradcam" and not any(map(any, answer["map"])):
        return EMPTY.format(layer=answer["layer"])
    if answer["method"] == "gradcam":
        height, width = answer["grid"]
        return f"Of layer {answer['layer']}, which sees {width} × {height} places: nothing finer can be read from it."
    if answer["method"] == "integrated":
        share = answer["sum"] / answer["difference"] if answer["difference"] else None
        exact = "" if share is None else f"; over {answer['nodes']} steps the pixels add up to {percent(share)} of that"
        doubt = ", so read it with care" if share is not None and abs(share - 1) > DOUBTFUL else ""
        score = f"{answer['difference']:+.2f}".replace("-", "−")
        return f"The class's score is {score} against plain grey{exact}{doubt}."
    least, now = percent(answer["least"]), percent(answer["probability"])
    return f"Of {answer['covers']} covers the worst brings the class from {now} to {least}."
