"""What goes in and comes out about single predictions, the confusion matrix, and trainings that are done again."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from webapp.api.draft_schemas import Label
from webapp.api.fields import Text
from webapp.api.paging import MOST
from webapp.api.schemas import A_JOB, AN_ID, Given
from webapp.datasets.forms import MOST_CELLS, SEARCH_LENGTH

Sort = Literal["", "low", "sure", "unsure", "close", "clear", "order"]
MOST_CLASSES = 1_000


class PredictionFilters(Given):
    """Predictions that have all of this together, in an order; without any of it, all of them."""

    true: list[Label] = Field([], max_length=MOST_CLASSES, description="Images of one of these classes, by label.")
    said: list[Label] = Field([], max_length=MOST_CLASSES, description="Images that were called one of these.")
    right: bool | None = Field(None, description="Only those that were named rightly, or only the mistakes.")
    each: Literal[1, 3, 5, 10] | None = Field(None, description="The first so many of each class, class after class.")
    q: Annotated[Text, Field(max_length=SEARCH_LENGTH)] = Field("", description="With that in their path, whatever the case.")
    where: list[Annotated[Text, Field(max_length=1000)]] = Field(
        [], max_length=MOST_CELLS, description="As `where` of `GET /datasets/{id}/images`.", examples=[["site=north"]]
    )
    sort: Sort = Field(
        "",
        description="By loss, the highest first, or the lowest (`low`); by probability, the highest (`sure`) or lowest (`unsure`) first; "
        "by margin, the smallest (`close`) or largest (`clear`) first; or as measured (`order`).",
    )
    limit: int = Field(50, ge=1, le=MOST, description="How many items at most.")
    cursor: str | None = Field(None, max_length=100, description="`next` of the answer before; without it, the first ones.")


class BestOut(Schema):
    label: str
    probability: float | None = Field(description="Null where it was no number.")


class PredictionOut(Schema):
    """What the network said of one image."""

    row: int = Field(description="By which the evaluation's pages name it.")
    position: int | None = Field(description="By which changes of the dataset's draft name it; null where the image was erased.")
    path: str = Field(description="As its file was called; `erased` of one that was erased.")
    label: str = Field(description="What it is, as it was when it was measured.")
    predicted: str
    probability: float | None = Field(description="Of what was predicted; null where it was no number.")
    margin: float | None = Field(description="What the second best lies below it.")
    loss: float | None = Field(description="Cross-entropy, in nats.")
    best: list[BestOut] = Field(description="The five best, fewer with fewer classes.")
    now: str = Field(description="What the newest version or the draft says otherwise; empty where nothing.", examples=["now dog"])


class PredictionList(Schema):
    total: int = Field(description="How many match.")
    items: list[PredictionOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class GroupedOut(Schema):
    name: str
    first: int = Field(description="Where it begins in the order, from 0.")
    last: int = Field(description="Where it ends, with that one.")


class OrderOut(Schema):
    """An order of the classes; `classes` is empty where it is that of the labels."""

    key: str = Field(examples=["clustered"])
    words: str
    classes: list[int]
    groups: list[GroupedOut]


class MatrixOut(Schema):
    """The confusion matrix without its zeros: cell k has true class rows[k], predicted class columns[k] and counts[k] images."""

    labels: list[str]
    names: list[str]
    rows: list[int]
    columns: list[int]
    counts: list[int]
    orders: list[OrderOut]


class AgainOut(Schema):
    """What was begun: the training, or the sealing of the draft after which it begins."""

    experiment: str | None = Field(description="Null while the draft is sealed first.", examples=[AN_ID])
    job: str = Field(description="The training's, or the sealing's.", examples=[A_JOB])


class ComparedOut(Schema):
    """The training beside the one that it repeats, on the test images of both, by the labels of the later version."""

    before: str = Field(description="Evaluation of the earlier one.")
    after: str
    n: int = Field(description="Test images that both were measured on.")
    both_right: int
    fixed: int = Field(description="Wrong before, right now.")
    broken: int
    both_wrong: int
    gain: float = Field(description="What is right more, of 1.")
    interval: list[float] = Field(description="95 %, of the gain: from, to.")
    chance: float = Field(description="McNemar's exact test: the probability of so uneven changes by chance.")
    relabelled: int = Field(description="Of these images, those that had another label when the earlier one was measured.")


class AgainState(Schema):
    of: str | None = Field(description="The experiment that it repeats; null where it repeats none.")
    compared: ComparedOut | None = Field(description="Null until both have a test result.")
