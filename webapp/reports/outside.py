"""What of a report leaves the team: a fixed list of values, none of which is a row, an id or a path of this server.

The page behind a share link and the file to keep are made from this alone. No comment, no person's name, no file name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from webapp.core.markdown import outward
from webapp.evaluations import choices, groups, showing
from webapp.evaluations.groups import Column
from webapp.evaluations.models import Evaluation
from webapp.experiments.checkpoints import at_length
from webapp.experiments.folds import seen
from webapp.experiments.live import KeyFigure
from webapp.reports.actions import html_of
from webapp.reports.blocks import showing as showing_blocks
from webapp.reports.blocks.shown import Found, Shown, Where
from webapp.reports.models import Report

CONFIGURATION = (
    "model", "image_size", "first_size", "eval_size", "epochs", "batch_size", "accumulate", "learning_rate", "optimizer",
    "clip_norm", "weight_decay",
    "momentum", "nesterov", "warmup_epochs", "schedule", "decay_factor", "decay_epochs", "milestones", "decay_power",
    "label_smoothing", "resize", "channels", "normalisation", "tta", "augment", "freeze", "unfreeze", "layer_decay", "features", "finetune",
    "loss", "focal_gamma", "class_weights", "sampling", "dropout", "stochastic_depth", "early_stopping", "min_change", "seed",
    "deterministic", "folds", "fold",
)  # fmt: skip
PUBLISHED = (None, "default")
Thumb = Callable[[int], str]  # the place of a mistake in the stored list → an address of its thumbnail
BlockThumb = Callable[[int, int, Found], str]  # a block's number, the place in it, and the image → the same


@dataclass(frozen=True)
class SharedMistake:
    """One image that was named wrongly."""

    true: str
    said: str
    probability: float | None
    loss: float | None
    thumb: str  # where its picture is; empty where there is none


@dataclass(frozen=True)
class SharedReport:
    """All that a stranger sees."""

    title: str
    notes: SafeString
    made_at: datetime
    dataset_name: str
    version_number: int
    fingerprint: str
    split_counts: dict[str, int]
    leaks: int
    leaks_known: str  # "looks", "bytes" or "nothing": how it was looked for them
    split: str
    n: int
    wrong: int
    test_opened: str  # how often its test set was; empty for another split
    model: str
    checkpoint: str
    how: str  # views of each image, and weights without their average; empty: as the training was configured
    epochs: int
    seed: int
    key_figures: list[KeyFigure]
    summary: list[str]
    matrix: dict[str, Any]
    matrix_by_row: dict[str, Any]
    classes: list[showing.ClassRow]
    mistakes: list[SharedMistake]
    small: bool
    config: str
    groups: list[Column]  # what a table said of the images: told where somebody wanted that alone
    blocks: list[Shown]  # what the team composed it of


def shared_report(
    report: Report, thumb: Thumb, picture: BlockThumb = lambda number, place, image: "", *, with_groups: bool = False
) -> SharedReport:
    """The report as others may have it."""
    evaluation = report.evaluation
    measured, names = showing.measured(evaluation), showing.names_of(evaluation)
    ran = evaluation.experiment.resolved or evaluation.experiment.config
    return SharedReport(
        title=report.title,
        notes=outward(html_of(report)),
        **facts(report),
        fingerprint=evaluation.version.fingerprint,
        split_counts=seen(evaluation.version, evaluation.experiment.folds_on(evaluation.version)),
        epochs=int(ran.get("epochs") or 0),
        seed=int(ran.get("seed") or 0),
        mistakes=[shared_mistake(row, names, thumb(place)) for place, row in enumerate(evaluation.mistakes)],
        config=shared_config(ran),
        groups=groups.outward(groups.columns(evaluation)) if with_groups else [],
        blocks=showing_blocks.shown(report, Where(thumb=picture)),
        **measured,
    )


def facts(report: Report) -> dict[str, Any]:
    """What stands under the title, for members and for others alike."""
    evaluation = report.evaluation
    experiment, best = evaluation.experiment, evaluation.checkpoint == "best"
    return {
        "made_at": report.created_at,
        "dataset_name": evaluation.version.dataset.name,
        "version_number": evaluation.version.number,
        "test_opened": showing.test_opened(evaluation),
        "model": str(experiment.config.get("model", "")),
        "how": choices.told(evaluation.views, evaluation.raw),
        "checkpoint": f"best checkpoint: epoch {experiment.best_epoch}" if best else at_length(evaluation.checkpoint),
    }


def shared_mistake(row: dict[str, Any], names: dict[str, str], thumb: str) -> SharedMistake:
    """One stored mistake with readable names."""
    true, said = names.get(row["label"], row["label"]), names.get(row["predicted"], row["predicted"])
    return SharedMistake(true, said, row["probability"], row["loss"], thumb if row.get("image") is not None else "")


def shared_config(ran: dict[str, Any]) -> str:
    """The configuration as it ran, field by field from the list; of the first weights only whether they were the published ones."""
    values = {name: ran.get(name) for name in CONFIGURATION}
    weights = ran.get("weights")
    return json.dumps(values | {"weights": weights if weights in PUBLISHED else "a file"}, indent=2, ensure_ascii=False)


def image_at(evaluation: Evaluation, place: int) -> int | None:
    """The pack's row of the image that stands at that place of the report's mistakes; None where there is none."""
    if not 0 <= place < len(evaluation.mistakes):
        return None
    image: int | None = evaluation.mistakes[place].get("image")
    return image
