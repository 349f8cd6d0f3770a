"""What comes out of the calls about maps of images: points in the plane, and training images near to one."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

Method = Literal["pca", "tsne"]
SPLIT_WORDS = "Of the point's image."


class PointsOut(Schema):
    """Columns of equal length, one place a point: up to 50,000 by principal components, 20,000 by t-SNE."""

    x: list[int] = Field(description="To the right, 0 to 10,000.", examples=[[4021]])
    y: list[int] = Field(description="Downwards, by the same measure.", examples=[[977]])
    position: list[int] = Field(description="Of the image in its dataset.", examples=[[12]])
    row: list[int] = Field(description="Among the evaluation's predictions; -1 of images that it did not measure.", examples=[[3]])
    part: list[int] = Field(description="A place in `parts`.", examples=[[0]])
    label: list[int] = Field(description="The true class, a place in `classes`.", examples=[[1]])
    predicted: list[int] = Field(description="What the network says, a place in `classes`.", examples=[[1]])
    sure: list[int] = Field(description="How sure it is of that, in percent.", examples=[[97]])


class PartOut(Schema):
    """A split whose images are drawn."""

    split: str = Field(examples=["test"])
    other: bool = Field(description="Whether it is of another dataset than the training's, which was evaluated.")
    shown: int = Field(description="Images that are drawn.", examples=[1000])


class MapOut(Schema):
    """The map of an evaluation's images."""

    job: str | None = Field(description="Of the newest look at the training images; null while none was asked for.")
    state: str | None = Field(description="Of that job.")
    whole: bool = Field(description="Whether the training images are on it; before, only what was evaluated is.")
    method: Method | None = Field(description="How the points are drawn; null while there are none.")
    methods: list[Method] = Field(description="How they can be.")
    images: int = Field(description="All that the map is of, drawn or not.", examples=[5000])
    parts: list[PartOut]
    classes: list[str] = Field(description="Labels, in the network's order.", examples=[["cat", "dog"]])
    points: PointsOut | None


class NearOut(Schema):
    """A training image."""

    position: int = Field(description="In the dataset that the network learnt from.", examples=[881])
    path: str = Field(examples=["cats/17.jpg"])
    label: str = Field(description="As its class is called.", examples=["cat"])
    likeness: float = Field(description="Cosine between what the network's last layer is given of both: 1 for the same.", examples=[0.93])


class NearestOut(Schema):
    """Nearest training images, the nearest first."""

    of: int = Field(description="Training images that were searched.", examples=[45000])
    nearest: list[NearOut]


class NearImage(Schema):
    """A training image that the network takes for alike."""

    position: int = Field(description="In the dataset version that it learnt from.")
    label: str
    likeness: float = Field(description="Cosine between what the network's last layer is given of both: 1 for the same.")
