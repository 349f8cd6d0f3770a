"""What `python -m classifier explain` does: one image, one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classifier.explain.answers import line_of
from classifier.explain.explainer import Explainer
from classifier.explain.layers import figures, weights_of
from classifier.explain.pictures import as_png, picture, plain, side_of
from classifier.explain.tiles import of_maps
from classifier.predict import Source, file_bytes
from classifier.spec.errors import InputError
from classifier.spec.events import ShouldStop, never
from classifier.spec.explaining import DEFAULT, METHODS
from classifier.training.files import check_target, write_atomically


def read(image: Path) -> bytes:
    """An image file's bytes; raises InputError where there are none to read."""
    try:
        return file_bytes(image)
    except OSError as error:
        raise InputError(f"{image} cannot be read: {error.strerror or error}.") from None


def explain(
    source: Source,
    image: Path,
    out: Path,
    *,
    method: str = DEFAULT,
    label: str | None = None,
    checkpoint: str = "best",
    raw: bool = False,
    device: str = "auto",
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """Writes the picture; gives the `explained` event. Raises InputError for what cannot be read, written or explained."""
    if method not in METHODS:
        raise InputError(f"The method must be one of {', '.join(METHODS)}; {method[:40]} came.")
    check_target(out, "why.png")
    data = read(image)
    explainer = Explainer(source, checkpoint=checkpoint, raw=raw, device=device)
    seen = explainer.seen(str(image), data)
    found = explainer.explain(seen, method, label, should_stop)
    write_atomically(out, picture(seen, found.heat))
    told = {"event": "explained", "file": str(image), "out": str(out), "method": method, **found.about, "epoch": explainer.epoch}
    return told | {"label": source.classes[found.label], "probability": float(found.odds[found.label])}


def watch(
    source: Source,
    image: Path,
    *,
    layer: str | None = None,
    filter: int | None = None,
    out: Path | None = None,
    checkpoint: str = "best",
    raw: bool = False,
    device: str = "auto",
    should_stop: ShouldStop = never,
) -> list[dict[str, Any]]:
    """A line a layer, or one of them in full; with `out` its maps, or what one of its filters looks for, as a picture."""
    if layer is None and (filter is not None or out is not None):
        raise InputError("A picture is of one layer: name it with --layer. Without it every layer is a line.", code="usage")
    if filter is not None and out is None:
        raise InputError("What a filter looks for is a picture: name the file to write with --out.", code="usage")
    if out is not None:
        check_target(out, "layer.png")
    data = read(image)
    explainer = Explainer(source, checkpoint=checkpoint, raw=raw, device=device)
    seen = explainer.seen(str(image), data)
    if layer is None:
        return [{"event": "layer", **line_of(unit)} for unit in explainer.layers(seen)]
    unit = explainer.layer(seen, layer)
    told: dict[str, Any] = {"event": "layer", **line_of(unit), "given": unit.given}
    told["weights"] = [{"name": name, **figures(values)} for name, values in weights_of(explainer.model, unit)]
    if filter is not None and out is not None:
        picture, before, after = explainer.looks_for(unit, filter, should_stop)
        write_atomically(out, as_png(plain(picture, side_of(picture))))
        return [told | {"filter": filter, "before": before, "after": after, "out": str(out)}]
    if out is not None:
        if unit.given is None:
            raise InputError(f"{unit.name} are weights by themselves, and give nothing for an image. Name a layer.")
        write_atomically(out, as_png(of_maps(unit.maps)))
        told["out"] = str(out)
    return [told]
