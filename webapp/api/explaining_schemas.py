"""What goes in and comes out where a network says why."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

Method = Literal["gradcam", "integrated", "occlusion"]


class TopOut(Schema):
    label: str = Field(examples=["apple"])
    probability: float = Field(examples=[0.97])
    name: str | None = Field(None, description="Its readable name, where the label is a synset id.")


class ExplanationOut(Schema):
    """Which parts of the image speak for the class."""

    method: Method
    label: str = Field(description="The explained class.", examples=["apple"])
    name: str | None = Field(None, description="Its readable name, where the label is a synset id.")
    probability: float = Field(description="That the network gives it.", examples=[0.97])
    map: list[list[float]] = Field(
        description="Rows of the image from above, from -1 (speaks against the class) over 0 to 1 (for it); a fine map is told by "
        "means of 32 × 32 parts."
    )
    figures: dict[str, Any] = Field(
        description="How far the map can be trusted. gradcam: layer, grid. integrated: difference (of the score to that of plain grey) and "
        "sum (of the pixels; equal but for what the method leaves over). occlusion: covers, least and most (probability under one).",
        examples=[{"layer": "layer4", "grid": [7, 7]}],
    )
    image: str = Field(description="The image as the network sees it, a data URI.")
    overlay: str = Field(description="The map as a transparent picture of the same size, a data URI.")
    top: list[TopOut] = Field(description="The likeliest classes, best first.")
    epoch: int = Field(description="That the network is of.", examples=[12])
    seconds: float = Field(description="That the answer took.", examples=[0.4])


class LayerRow(Schema):
    """One layer, in the order in which they run, or weights that belong to none (kind Parameter)."""

    name: str = Field(description="With ' (2)' when it runs again.", examples=["layer1.0.conv1"])
    kind: str = Field(examples=["Conv2d"])
    shape: list[int] = Field(description="Of what it gives for one image.", examples=[[64, 56, 56]])
    parameters: int = Field(examples=[36864])
    mean: float | None = Field(description="Of what it gives.", examples=[0.1])
    deviation: float | None = Field(examples=[0.4])
    channels: int = Field(description="Maps that it gives.", examples=[64])
    silent: int = Field(description="Of them that are 0 everywhere.", examples=[3])


class LayersOut(Schema):
    """Every layer as it runs on one image."""

    parameters: int = Field(description="Of the whole network.", examples=[11177538])
    layers: list[LayerRow]
    image: str = Field(description="The image as the network sees it, a data URI.")
    epoch: int
    seconds: float


class LayerOut(LayerRow):
    """One layer with its pictures and histograms."""

    given: dict[str, Any] | None = Field(
        description="Of what it gives: values, mean, deviation, least, most, zeros (a share), broken (not finite), histogram (40 even "
        "parts from least to most), picture (a data URI) and shown (maps in it)."
    )
    weights: list[dict[str, Any]] = Field(description="The same of each tensor that it has learnt, with name, shape and what is shown.")
    epoch: int
    seconds: float


class FilterOut(Schema):
    """What a filter looks for."""

    layer: str
    filter: int
    picture: str = Field(description="What excites it the most, a data URI.")
    before: float | None = Field(description="Its mean on noise; null where it gives no number.")
    after: float | None = Field(description="Its mean on the picture.")
    epoch: int
    seconds: float


class ExcitingOut(Schema):
    """An image that excites a filter."""

    position: int = Field(description="In the dataset version.", examples=[17])
    path: str = Field(examples=["cat/17.jpg"])
    label: str = Field(description="Its class.", examples=["cat"])
    name: str = Field(description="That class by its readable name.", examples=["cat"])
    value: float = Field(description="That the filter gives where it answers most.", examples=[8.3])
    place: list[int] | None = Field(description="That place on the layer's grid, down and across from 0; null where it has none.")
    frame: list[float] | None = Field(
        description="Around that place: left, top, width and height in pixels of the image, an eighth of what the network sees at least; "
        "null where there is no place, or it lies beyond the image."
    )
    width: int = Field(description="Of the image, in pixels.")
    height: int
    image: str = Field(description="The address of the image on this server.")


class FilterImagesOut(Schema):
    """Which validation images excite a filter the most."""

    layer: str = Field(examples=["layer3.0.conv1"])
    filter: int
    split: str = Field(examples=["validation"])
    images: int = Field(description="That were looked at.", examples=[10000])
    of: int = Field(description="In the split; a part of them was drawn evenly over the classes.", examples=[50000])
    epoch: int = Field(description="Of the network.")
    grid: list[int] | None = Field(description="Places that the layer gives of an image, down and across; null of one without places.")
    mean: float | None = Field(description="Of each image's strongest value, over all that were looked at.")
    same: float | None = Field(description="What it gives on every image, where that is the same of all; then none of them excites it.")
    best: list[ExcitingOut] = Field(description="Nine at the most, the strongest first.")
