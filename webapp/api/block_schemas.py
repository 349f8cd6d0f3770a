"""What goes in and comes out of the calls about the blocks of a report."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.schemas import Given

KINDS = "text, chart, table, matrix, gallery or comparison"
WHAT = (
    "chart: loss, accuracy, recall, precision, f1, roc, pr, reliability, coverage, speed; table: figures, classes, pairs; "
    "matrix: counts, rows; gallery: worst, sure, unsure, right, class, cell; "
    "comparison: figures, val_top1, val_loss, train_loss, classes, matrix. Left out: the first."
)


class BlockChoices(Given):
    """What it shows; what the chosen part does not ask for is not kept."""

    what: str = Field("", max_length=40, description=WHAT)
    label: str = Field("", max_length=1000, description="The class of a ROC or precision-recall curve.")
    true: str = Field("", max_length=1000, description="Of the galleries class and cell: the class whose images are shown.")
    said: str = Field("", max_length=1000, description="Of a gallery of a cell: what the network calls them.")
    of: str = Field("", max_length=40, description="Which classes a chart, table or matrix by class is about: all, worst or chosen.")
    most: int | None = Field(None, description="Of the worst classes, or of pairs: 5, 10, 20 or 50.")
    labels: list[str] = Field([], max_length=1000, description="The chosen classes, at most 200.")
    shown: int | None = Field(None, description="Images of a gallery at most: 8, 16, 24 or 48.")
    figures: list[str] = Field([], max_length=100, description="Keys of the figures of a table; none are all.")
    experiments: list[str] = Field([], max_length=100, description="Ids of 1 to 7 other experiments of the team.")


class BlockAsked(Given):
    kind: str = Field(max_length=40, description=f"One of {KINDS}.")
    title: str = Field("", max_length=1000, description="At most 200 characters; without one it says what it shows.")
    text: str = Field("", max_length=100_000, description="Markdown, at most 20,000 characters: a text's own, or what stands below it.")
    choices: BlockChoices | None = Field(None, description="What it shows; left out, the first of its kind.")
    place: int | None = Field(None, ge=1, le=9999, description="In the report, from 1; without one it comes last.")
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "gallery", "title": "Where it fails", "choices": {"what": "worst", "shown": 16}}]},
    )


class BlockEdit(Given):
    """What is left out stays as it is; choices are replaced as a whole."""

    title: str = Field("", max_length=1000)
    text: str = Field("", max_length=100_000, description="Markdown.")
    choices: BlockChoices | None = Field(None, description="All of them; left out, they stay.")
    place: int | None = Field(None, ge=1, le=9999, description="Moves it there, counted from 1.")
    revision: int | None = Field(None, ge=0, lt=2**31, description="The revision that the edit began from.")
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Worst of all", "place": 1, "revision": 0}]})


class BlockRow(Schema):
    id: str
    kind: str = Field(description=f"One of {KINDS}.")
    place: int = Field(description="In the report, from 1.")
    title: str = Field(description="Empty where nobody gave one.")
    text: str = Field(description="Markdown.")
    choices: dict[str, Any]
    revision: int = Field(description="Rises with each edit; send it back to be told when somebody else saved meanwhile.")


class BlockList(Schema):
    items: list[BlockRow] = Field(description="In their order.")


class BlockImage(Schema):
    path: str
    label: str
    predicted: str
    probability: float | None
    loss: float | None


class BlockOut(BlockRow):
    shows: str = Field(description="Its title, or what it shows.")
    note: str = Field(description="Which split, how many images.")
    trouble: str = Field(description="Why it shows nothing; empty where it does.")
    words: list[str]
    figure: dict[str, Any] | None = Field(description="A Plotly figure, with colours as names of the page's tokens.")
    head: list[str]
    rows: list[list[str]]
    images: list[BlockImage]
