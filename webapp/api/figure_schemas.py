"""What comes out of calls about the figures of an evaluation: by class, curves, calibration, coverage, thresholds."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from webapp.api.schemas import Given

Interval = list[float]
OF_95 = "95 % interval: from, to; null where it is not defined."


class ClassFigures(Schema):
    """One class against all others. Null where nothing was there to divide by."""

    label: str
    n: int = Field(description="Images of the class.")
    precision: float | None
    precision_interval: Interval | None = Field(description=OF_95)
    recall: float | None
    recall_interval: Interval | None = Field(description=OF_95)
    f1: float | None
    f1_interval: Interval | None = Field(description=OF_95)
    roc_area: float | None
    roc_interval: Interval | None = Field(description=OF_95)
    average_precision: float | None
    average_precision_interval: Interval | None = Field(description=OF_95)
    best_threshold: float | None = Field(description="The probability from which on the class has its best F1.")
    best_f1: float | None


class ClassesOut(Schema):
    split: str
    n: int = Field(description="Images of the split.")
    classes: list[ClassFigures]


class Curve(Schema):
    """The ends of its pieces, in order; its area is exact, however few they are."""

    x: list[float]
    y: list[float]
    area: float | None
    interval: Interval | None = Field(description=OF_95)


class CurvesOut(Schema):
    """One class as its probability is asked for more or less."""

    label: str
    n: int = Field(description="Images of the split.")
    own: int = Field(description="Images of the class.")
    roc: Curve = Field(description="False-positive rate across, true-positive rate up.")
    pr: Curve = Field(description="Recall across, precision up; its area is the average precision.")
    thresholds: list[float]
    said: list[int] = Field(description="Images whose probability of the class is at least the threshold.")
    right: list[int] = Field(description="Those of them that are of the class.")
    best_threshold: float | None


class BinOut(Schema):
    low: float
    high: float
    n: int
    confidence: float = Field(description="Mean probability of the predicted class.")
    accuracy: float
    interval: Interval = Field(description="95 %, of the accuracy: from, to.")


class Calibrated(Schema):
    ece: float | None = Field(description="Expected calibration error, 15 bins.")
    loss: float | None = Field(description="Negative log-likelihood, in nats.")
    brier: float | None


class CalibrationOut(Schema):
    """How sure the network is against how often it is right; after: its logits divided by the temperature."""

    temperature: float | None = Field(description="Fitted on validation images of its own dataset alone.")
    fitted_on: int = Field(description="Validation images.")
    why: str = Field(description="Why there is no temperature; empty where there is one.")
    before: Calibrated
    after: Calibrated | None
    bins: list[BinOut]
    bins_after: list[BinOut] | None


class CoverageOut(Schema):
    """What the network answers, and how rightly, if it says that it is unsure below a probability."""

    n: int
    thresholds: list[float]
    answered: list[int] = Field(description="Images whose best class has at least that probability.")
    right: list[int] = Field(description="The right ones of them.")
    coverage: list[float] = Field(description="Of a curve: the share that is answered, the surest first.")
    accuracy: list[float] = Field(description="The share of those that is right.")
    aurc: float | None = Field(description="Area under wrong answers by coverage; less is better.")


class CheckpointOut(Schema):
    epoch: int
    whole: bool = Field(description="Whether it is of the end of an epoch; else it was kept inside one.")
    best: bool
    top1: float | None = Field(description="On validation.")
    loss: float | None = Field(description="On validation.")


class CheckpointsOut(Schema):
    items: list[CheckpointOut] = Field(description="Those that are kept, oldest first.")
    averages: bool = Field(description="Whether they keep an average of the weights beside the weights, so that `raw` may be asked for.")


class UnsureAsked(Given):
    below: float | None = Field(description="A probability above 0 and below 1; null: it answers always.", examples=[0.7])


class UnsureOut(Schema):
    below: float | None = Field(description="Answers with less are marked `unsure`; null: none is.", examples=[0.7])
