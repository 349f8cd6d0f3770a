"""What goes in and comes out, as the OpenAPI page shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.fields import EXIF_WORDS, CheckpointName, Config, Encoding, Exif, Fraction, Group, Name, Shares, SplitName, ViewsName, Word
from webapp.api.leak_schemas import Leaks
from webapp.api.map_schemas import NearImage

AN_ID = "01k2m3n4p5q6r7s8t9v0"
A_JOB = "01k2m3n4p5w7x8y9z0a1"
PER_CLASS = {"label": "cat", "n": 150, "precision": 0.91, "recall": 0.89, "f1": 0.9}
A_TEST = {
    "n": 300, "top1": 0.9, "top5": 1.0, "loss": 0.31, "ece": 0.02, "confusion": [[133, 17], [13, 137]], "per_class": [PER_CLASS],
}  # fmt: skip


class Given(Schema):
    """A body: a field that it does not have is refused by name, since a misspelt one would be ignored in silence."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Given):
    """An empty object."""


class ErrorBody(Schema):
    code: str = Field(description="A short stable word to branch on.")
    message: str = Field(description="A sentence: what was expected, what came, what to do.")
    fields: dict[str, str] = Field(description="A sentence for each wrong field.")


class Error(Schema):
    """Every answer that is no success."""

    error: ErrorBody
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "bad_config",
                        "message": "epochs: must be a whole number from 1 to 100,000; 'many' came",
                        "fields": {"epochs": "must be a whole number from 1 to 100,000; 'many' came"},
                    }
                }
            ]
        }
    )


class Made(Schema):
    """Something was made and its work queued."""

    id: str
    job: str = Field(description="Follow it at /jobs/{job} until its state is final.")
    model_config = ConfigDict(json_schema_extra={"examples": [{"id": AN_ID, "job": A_JOB}]})


class Upload(Schema):
    """What goes with an archive, in the same form."""

    name: Name = Field(description="What it is called.")
    split: Shares = Field("70/15/15", description="Shares of train, validation and test, for splits that it does not bring.")
    seed: int = Field(0, ge=0, lt=2**32, description="The same seed cuts the same splits.")
    group: Group = Field("", description="A regular expression; files with the same match stay in one split.")
    alike: bool = Field(False, description="Images that look nearly the same stay in one split; about 1.3 ms an image more.")
    blur_faces: bool = Field(False, description="Faces that a detector finds are blurred in what is kept; about 0.2 s an image.")
    exif: Exif = Field("", description=EXIF_WORDS)
    least: int | None = Field(None, ge=1, description="Classes with fewer images are left out.")
    most: int | None = Field(None, ge=1, description="Of larger classes so many images, chosen by the seed and their content.")
    encoding: Encoding = Field("", description="Of names in the archive that do not say theirs, such as cp866; found out unless given.")
    look: bool = Field(False, description="Only look at it first: `GET /datasets/{id}/preview` then tells how it is understood.")


class ClassCounts(Schema):
    label: str = Field(description="The folder's or column's text.")
    name: str = Field(description="A readable name, where the label is a synset id; else the label.")
    train: int
    validation: int
    test: int


class ProblemOut(Schema):
    """A file that was left out, or a warning about one that was taken."""

    file: str
    rule: str
    message: str
    taken: bool


class DatasetSummary(Schema):
    id: str
    name: str
    state: str = Field(description="Of its import: queued, running, succeeded, failed or cancelled.")
    job: str = Field(description="Its import.")
    version: int | None = Field(description="Number of the newest sealed version; null until the first is sealed.")
    fingerprint: str | None = Field(description="That version's id in result.json: a sha256 over its rows.")
    images: int
    problem_count: int
    created_at: datetime
    archived: bool = Field(description="Whether it is out of the lists and of the launch form, since runs that used it keep it.")


class DatasetOut(DatasetSummary):
    classes: list[ClassCounts]
    problems: list[ProblemOut] = Field(description="The first 100.")


class Removed(Schema):
    """What became of a thing that was deleted."""

    id: str
    outcome: str = Field(description="trashed; archived where runs used it; purged where there was nothing to keep.", examples=["trashed"])
    until: datetime | None = Field(description="Until when it can be restored from the trash; null in the archive, and for what is purged.")


class DatasetList(Schema):
    items: list[DatasetSummary]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class Launch(Given):
    """A training to queue."""

    dataset: Word = Field(description="Id of the dataset.")
    name: Name
    config: Config = Field(default_factory=dict, description="Fields of the configuration; what is left out has its default.")
    version: Word | None = Field(None, description="Number or fingerprint of a sealed version; the newest unless named.")
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"dataset": AN_ID, "name": "first try", "config": {"model": "small_cnn", "epochs": 6, "image_size": 32}}]
        },
    )


class ExperimentOut(Schema):
    id: str
    name: str
    dataset: str
    version: int
    config: dict[str, Any] = Field(description="As asked for, with the defaults.")
    resolved: dict[str, Any] | None = Field(description="As it ran: what was left to be picked is picked. Null until the end.")
    state: str
    job: str
    best_epoch: int | None
    created_at: datetime


class ExperimentList(Schema):
    items: list[ExperimentOut]
    next: str | None


class Point(Schema):
    seq: int
    epoch: int
    step: int
    name: str = Field(description="val_loss, val_top1, train_loss, lr, images_per_second, … once an epoch; step_loss in between.")
    value: float | None = Field(description="Null where it was not finite.")
    time: datetime


class Metrics(Schema):
    points: list[Point]
    next: int | None = Field(description="The `since` to go on with, or null.")


class EvaluationAsked(Given):
    split: SplitName = Field(description="train, validation or test.")
    checkpoint: CheckpointName = Field("best", description="best, last or an epoch's number.")
    dataset: Word | None = Field(None, description="Another dataset of the same classes; the experiment's own unless named.")
    views: ViewsName = Field("", description="Views of each image whose predictions are averaged: none, flip, ten_crop; empty: as trained.")
    raw: bool = Field(False, description="The weights themselves, where the checkpoint keeps an average of them.")
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"split": "validation", "checkpoint": "last"}]})


class TestOpened(Schema):
    """How often results on a test split were made, also those that were deleted since. More than once: figures chosen by them flatter."""

    by_experiment: int = Field(description="By this experiment.")
    on_version: int = Field(description="By all experiments, on this dataset version.")


class ReportOut(Schema):
    test: dict[str, Any] = Field(description="As in result.json: n, top1, top5, loss, ece, confusion, per_class.", examples=[A_TEST])
    test_opened: TestOpened
    leaks: Leaks
    links: dict[str, str] = Field(description="Addresses of the report's page, the experiment, its dataset and its job.")


class Guess(Schema):
    label: str
    probability: Fraction
    name: str | None = Field(None, description="The label's readable name, where it is a synset id.")


class Classified(Schema):
    """One image's five best classes, or why it could not be classified."""

    file: str
    top: list[Guess] | None = None
    unsure: bool | None = Field(None, description="True where the best class has less than the network's threshold; else left out.")
    nearest: list[NearImage] | None = Field(None, description="The nearest training images, where they were asked for.")
    error: str | None = None


class ClassifyOut(Schema):
    results: list[Classified] = Field(description="In the order of the images.")
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "results": [
                        {"file": "a.jpg", "top": [{"label": "cat", "probability": 0.93}, {"label": "dog", "probability": 0.05}]},
                        {"file": "notes.txt", "error": "notes.txt is no image."},
                    ]
                }
            ]
        }
    )


class JobOut(Schema):
    id: str
    kind: str = Field(description="import, train or evaluate.")
    title: str
    state: str = Field(description="queued, running, succeeded, failed or cancelled; the last three are final.")
    position: int | None = Field(description="1 is next; null unless it is queued.")
    progress: Fraction = Field(description="1 once it succeeded.")
    eta_seconds: float | None = Field(description="From measured work; null while it is not known.")
    stage: str = Field(description="What it is at, in words.")
    attempt: int
    error: str | None = Field(description="Why it failed, once it has; a job that waits or runs again has none.")
    last_error: str | None = Field(
        description="Of a job that waits, runs again or is paused: why the attempt before was not the last, or what it waits for."
    )
    created_at: datetime


class JobList(Schema):
    items: list[JobOut]
    next: str | None


class EventOut(Schema):
    seq: int
    kind: str = Field(description="state, progress, epoch, log or problem.")
    data: dict[str, Any]
    time: datetime


class Events(Schema):
    events: list[EventOut]
    next: int | None


class CancelOut(Schema):
    id: str
    state: str = Field(description="cancelled, or running while it stops.", examples=["cancelled"])


class AskedOut(Schema):
    id: str
    state: str = Field(description="The job's state now; a running job does what was asked within seconds.", examples=["running"])


class TicketOut(Schema):
    ticket: str = Field(description="Opens /ws/jobs/{id}/?ticket=… once, within 60 seconds.")


class ModelOut(Schema):
    name: str
    family: str
    parameters: int
    gflops: float | None
    image_size: int
    min_size: int
    stride: int = Field(description="Pixels a side of the image for one place of its last map; it trains on no smaller images.")
    top1: float | None
    top5: float | None
    weights_file: str | None
    weights_megabytes: float | None
    licence: str
    here: bool = Field(description="Whether its published weights are on this machine: it can classify at once.")


class ModelList(Schema):
    items: list[ModelOut]
