"""What goes in and comes out about drafts of datasets, and about their images."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from webapp.api.fields import Group, Shares, Text
from webapp.api.schemas import A_JOB, Given
from webapp.datasets.drafts.changing import MOST
from webapp.datasets.forms import MOST_CELLS, MOST_PIXELS, MOST_POSITION, SEARCH_LENGTH

SplitWord = Literal["train", "validation", "test"]
Kind = Literal[
    "leak", "near_leak", "group_leak", "two_labels", "near_two_labels", "label", "duplicate", "near_duplicate", "flat", "dark", "bright",
    "blurred", "odd_size", "odd_aspect",
]  # fmt: skip
Sort = Literal["", "path", "large", "small", "wide", "high", "dark", "bright", "unsure"]
Op = Literal["label", "move", "remove", "restore", "rename", "merge", "drop", "split"]
MOST_CLASSES = 1_000  # that are merged by one change
Position = Annotated[int, Field(ge=0, le=MOST_POSITION)]
Label = Annotated[Text, Field(min_length=1, max_length=200)]


class Filters(Given):
    """Images that have all of this together; without any of it, all of them."""

    label: Label | None = Field(None, description="Of the class with that label, as the draft calls it.")
    split: list[SplitWord] = Field([], description="In one of these splits.")
    q: Annotated[Text, Field(max_length=SEARCH_LENGTH)] = Field("", description="With that in their path, whatever the case.")
    least: int | None = Field(None, ge=1, le=MOST_PIXELS, description="With so many pixels at the shorter side, or more.")
    most: int | None = Field(None, ge=1, le=MOST_PIXELS, description="With so many at most.")
    finding: Kind | None = Field(None, description="With such a finding of the newest check.")
    where: list[Annotated[Text, Field(max_length=1000)]] = Field(
        [],
        max_length=MOST_CELLS,
        description="With that value in a column of the metadata: `COLUMN=VALUE`, one a column; a part of it where the column has many.",
        examples=[["site=north"]],
    )
    changed: bool = Field(False, description="That the open draft changes.")


class ImageOut(Schema):
    """An image as it stands in the draft, or in the version that was asked for."""

    position: int = Field(description="By which changes name it; the same image in every version.")
    path: str = Field(description="As its file was called; `erased` of one that was erased.")
    label: str
    split: SplitWord
    width: int
    height: int
    removed: bool = Field(description="Whether the draft takes it out.")
    was: str = Field(description="What the draft changes of it, in words; empty where nothing.", examples=["was dog"])


class ImageList(Schema):
    version: int | None = Field(description="Whose images they are; under an open draft its base. Null before the import has succeeded.")
    total: int = Field(description="How many match.")
    items: list[ImageOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class Change(Given):
    """One edit of the draft. The fields beside `op` are those that the description of each op names."""

    op: Op = Field(
        description="label, move, remove or restore images; rename, merge or drop a class; or cut the splits anew.", examples=["label"]
    )
    positions: list[Position] = Field([], max_length=MOST, description=f"label, move, remove, restore: which images, {MOST:,} at most.")
    matching: Filters | None = Field(None, description="In place of `positions`: all images that match.", examples=[None])
    expected: int | None = Field(None, ge=0, description="With `matching`: refused (409) unless exactly so many match.", examples=[None])
    label: Label | None = Field(
        None, description="label: what the images show, a class that there is not is made. rename, merge, drop: the class."
    )
    labels: list[Label] = Field(
        [], max_length=MOST_CLASSES, description="merge, in place of `label`: several classes; `to` may be a new one then.", examples=[[]]
    )
    to: Label | None = Field(None, description="rename: its new label. merge: the class that it goes into.", examples=[None])
    split: SplitWord | None = Field(None, description="move: the split that the images go to.", examples=[None])
    why: Annotated[Text, Field(max_length=200)] = Field("", description="label, move, remove, restore: kept in the history of each image.")
    shares: Shares | None = Field(None, description="split: percent of train, validation and test.", examples=[None])
    seed: int | None = Field(None, ge=0, lt=2**32, description="split: the same seed cuts the same splits.", examples=[None])
    group: Group = Field("", description="split: a regular expression over paths; what it matches alike stays together.", examples=[""])
    together: Annotated[Text, Field(max_length=200)] = Field(
        "", description="split: what stays together: empty for what did before, `-` for nothing, `column:NAME`.", examples=[""]
    )
    alike: bool = Field(False, description="split: images that look alike stay together.", examples=[False])
    keep_test: bool = Field(False, description="split: the test split stays as it is.", examples=[False])
    least: int | None = Field(None, ge=1, description="split: classes of fewer images are left out.", examples=[None])
    most: int | None = Field(None, ge=1, description="split: of larger classes so many images.", examples=[None])


class Undo(Given):
    """Which edit is taken back."""

    number: int | None = Field(None, ge=1, le=MOST_POSITION, description="Of the newest edit of all; without it, your own newest one.")


class EditOut(Schema):
    """One change of a draft, undone as one."""

    number: int = Field(description="Counted from 1 in each draft.")
    by: str | None = Field(description="Who made it.", examples=["ada"])
    made_at: datetime
    words: str = Field(examples=["3 images labelled cat."])
    images: int = Field(description="That it changed; 0 of classes, splits and uploads.")
    why: str = Field(examples=[""])
    undone: bool = Field(examples=[False])


class EditList(Schema):
    items: list[EditOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class DraftOut(Schema):
    """What would be sealed as the next version."""

    open: bool = Field(description="Whether there is one; the first change opens it.")
    base: int | None = Field(description="Number of the version that it changes. Null before the import has succeeded.", examples=[1])
    words: str = Field(examples=["3 relabelled"])
    relabelled: int = Field(examples=[3])
    moved: int = Field(description="To another split.", examples=[0])
    removed: int = Field(examples=[0])
    added: int = Field(description="Uploads whose images it gains (`adds_to` of `POST /uploads`).", examples=[0])
    classes: list[str] = Field(description="What becomes of classes, in words.", examples=[["dog is renamed hound"]])
    cut: dict[str, Any] | None = Field(description="How the splits are cut anew; null where they stay.", examples=[None])
    edits: int = Field(description="How many were made, undone ones too.", examples=[1])
    sealing: bool = Field(description="Whether a job seals it, so that nothing can be changed.", examples=[False])
    job: str | None = Field(description="The newest job that was to seal it.", examples=[A_JOB])


class Discarded(Schema):
    """The draft is gone."""

    id: str
    outcome: str = Field(examples=["discarded"])
