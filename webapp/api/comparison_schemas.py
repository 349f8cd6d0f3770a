"""What goes in and comes out of the calls that hold experiments against each other."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.fields import Text
from webapp.evaluations.comparing.asked import MOST, SHOWN

Interval = list[float]
OF = "The experiments, the first of which the others are held against. `of=` once for each."
ON = "test, validation or train of each one's own version; with @ and a number, such as test@2, of that version for all."


class Comparing(Schema):
    """What is compared on what."""

    of: Annotated[list[Text], Field(min_length=2, max_length=MOST, description=OF)]
    on: Annotated[str, Field(pattern=r"^(train|validation|test)(@\d{1,9})?$", description=ON)] = "test"
    model_config = ConfigDict(extra="forbid")


class Parting(Comparing):
    """Images on which two of them part."""

    of: Annotated[list[Text], Field(min_length=2, max_length=2, description="Two experiments: the one before, and the one now.")]
    show: Annotated[str, Field(pattern=f"^({'|'.join(SHOWN)})$", description=f"One of {', '.join(SHOWN)}.")] = "broken"
    label: Annotated[Text, Field(max_length=1000, description="Images of that class alone, by its label or its readable name.")] = ""
    start: Annotated[int, Field(ge=0, lt=10**9, description="How many go before: `next` of the answer before.")] = 0


class FigureOut(Schema):
    value: float | None
    interval: Interval | None = Field(description="95 %: from, to.")


class PairedOut(Schema):
    """Images that both judged."""

    n: int
    both_right: int
    broken: int = Field(description="Right with the first, wrong with this one.")
    fixed: int = Field(description="Wrong with the first, right with this one.")
    both_wrong: int


class AgainstOut(Schema):
    difference: float | None = Field(description="Accuracy minus the first one's, of 1.", examples=[0.013])
    interval: Interval = Field(description="95 %, of the difference.", examples=[[-0.004, 0.031]])
    p: float | None = Field(description="McNemar's, corrected for all of them (Holm); null where they did not judge the same images.")
    paired: PairedOut | None


class CostOut(Schema):
    seconds: float | None
    epochs: int | None
    images_per_second: float | None
    parameters: int | None
    bytes: int | None = Field(description="Of the best checkpoint.")
    device: str


class ComparedOut(Schema):
    experiment: str
    name: str
    evaluation: str | None = Field(description="What was compared; null where it was not measured on these images.")
    version: int | None
    n: int
    top1: FigureOut
    top5: FigureOut
    macro_f1: FigureOut
    balanced_accuracy: FigureOut
    loss: float | None
    against_first: AgainstOut | None
    cost: CostOut


class DifferingOut(Schema):
    field: str = Field(examples=["learning_rate"])
    values: list[str] = Field(description="One for each experiment, in their order.", examples=[["0.001", "0.01"]])


class ComparisonOut(Schema):
    on: str
    experiments: list[ComparedOut]
    differs: list[DifferingOut] = Field(description="Of the configuration, the data and the versions; what is equal is left out.")
    note: str = Field(description="Why these figures are no ranking; empty where all were measured on the same images.")


class SaidOut(Schema):
    label: str
    probability: float | None = Field(description="Of that; null where it was no number.")


class FlipOut(Schema):
    position: int = Field(description="Of the image, as the list of images has it.")
    path: str
    label: str = Field(description="The true class.")
    first: SaidOut
    second: SaidOut


class FlipsOut(Schema):
    n: int = Field(description="All there are.")
    items: list[FlipOut] = Field(description="The largest change first.")
    next: int | None = Field(description="`start` to go on with, or null.")


class BehindOut(Schema):
    difference: float | None
    interval: Interval
    p: float | None = Field(description="McNemar's, corrected for the networks of this answer (Holm); null without single predictions.")
    sure: bool = Field(description="Whether chance would hardly give as much.")


class RankedOut(Schema):
    rank: int | None = Field(description="Shared by those that are as right; null where it is told beside the ranking: `why` says why.")
    experiment: str
    evaluation: str
    name: str
    model: str
    trained_on: int = Field(description="The number of the version it learnt from.")
    n: int
    top1: float | None
    interval: Interval | None
    macro_f1: FigureOut
    behind: BehindOut | None = Field(description="The first; null for the first itself.")
    why: str | None


class BoardOut(Schema):
    version: int
    split: str
    test_opened: int = Field(description="How often a result on these test images was shown.")
    items: list[RankedOut]
    next: str | None = Field(description="The cursor to go on with, or null.")
    rank: int = Field(description="How many have a rank so far; send it back with the cursor.")


class ReplayOut(Schema):
    experiment: str
    name: str
    state: str
    verdict: str | None = Field(description="bit-equal, within rounding or different; null while one of both has no result.")
    epoch: int | None = Field(description="The first whose figures differ by more than rounding.")
    figure: str | None = Field(description="Of that epoch: the first that differs.", examples=["train_loss"])
    changed: int | None = Field(description="Images that are named otherwise.")
    n: int | None = Field(description="Images that both judged.")
    words: str


class ReplaysOut(Schema):
    items: list[ReplayOut] = Field(description="Trainings with the same configuration on the same version, the newest first.")
