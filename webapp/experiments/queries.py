"""Reads that more than one caller needs."""

from __future__ import annotations

from typing import Any

from classifier.spec.runfile import MANIFEST
from webapp.datasets.hooks import Uses
from webapp.experiments.folds import seen
from webapp.experiments.models import EpochMatrix, Experiment, MetricPoint
from webapp.jobs.models import State

MOST_POINTS = 10_000
VALIDATED = ("val_loss", "val_top1", "val_top5")
INSIDE_PREFIX = "inside_"
INSIDE = {name: INSIDE_PREFIX + name for name in ("part", *VALIDATED)}  # of validations inside epochs, of which an epoch has several
NO_EPOCHS = ("step_loss", "memory_bytes", *INSIDE.values())  # series that are not of whole epochs


def metrics_since(experiment: Experiment, since: int = 0, limit: int = MOST_POINTS) -> tuple[list[MetricPoint], int | None]:
    """Points with a `seq` (their id) above `since`, oldest first, and the `since` to go on with, or None at the end."""
    limit = max(1, min(limit, MOST_POINTS))
    rows = list(experiment.points.filter(id__gt=since).order_by("id")[: limit + 1])
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def history(experiment: Experiment) -> list[dict[str, Any]]:
    """One row an epoch, in order: {"epoch", "step", "train_loss", "val_loss", …}."""
    rows: dict[int, dict[str, Any]] = {}
    told = experiment.points.exclude(name__in=NO_EPOCHS).order_by("epoch").values_list("epoch", "step", "name", "value")
    for epoch, step, name, value in told:
        rows.setdefault(epoch, {"epoch": epoch, "step": step})[name] = value
    return list(rows.values())


def step_losses(experiment: Experiment) -> list[tuple[int, float | None]]:
    """(step, loss) of the training, in order."""
    return list(experiment.points.filter(name="step_loss").order_by("step").values_list("step", "value"))


def place(epoch: int, part: float) -> float:
    """Where a validation lies, in epochs: 2 at the end of the second, 1.25 a quarter after the first."""
    return round(epoch - 1 + part, 4) if part else epoch


def places(experiment: Experiment) -> dict[float, int]:
    """{place: matrix} of every validation that told one, in order."""
    found = experiment.matrices.values_list("epoch", "part", "id")
    return dict(sorted((place(epoch, part), id) for epoch, part, id in found))


def matrix(experiment: Experiment, at: float | None = None) -> EpochMatrix | None:
    """The validation matrix of a place in the training; without one named, the newest."""
    found = places(experiment)
    wanted = max(found, default=None) if at is None else at
    return experiment.matrices.filter(id=found[wanted]).first() if wanted in found else None


def validations(experiment: Experiment) -> list[dict[str, Any]]:
    """Every validation in order, those inside epochs and those after them: {"at", "step", "val_loss", "val_top1", "val_top5"}."""
    found: dict[int, dict[str, Any]] = {}
    told = experiment.points.filter(name__in=(*VALIDATED, *INSIDE.values())).order_by("step").values_list("epoch", "step", "name", "value")
    for epoch, step, name, value in told:
        row = found.setdefault(step, {"at": epoch, "step": step})
        row[name.removeprefix(INSIDE_PREFIX)] = value
        if name == INSIDE["part"]:
            row["at"] = place(epoch, value or 0.0)
    return [row for row in found.values() if row.get("val_loss") is not None]


def validated_on(experiment: Experiment) -> int:
    """Validation images that each epoch is judged by; others than the split's where a part of the dataset or a fold is used."""
    folds = experiment.config.get("folds") or 0
    if (folds or experiment.config.get("most_images")) and (newest := matrix(experiment)):
        return sum(newest.confusion["counts"])
    return seen(experiment.version, folds)["validation"]


def has_model(experiment: Experiment) -> bool:
    """Whether there is a trained network to classify, evaluate or export with: of a finished run, or kept by a stopped one."""
    if experiment.job.state == State.SUCCEEDED:
        return True
    return experiment.job.is_final and experiment.best_epoch is not None and (experiment.folder / MANIFEST).exists()


def why_no_model(experiment: Experiment) -> str:
    """Why there is none; empty where there is one."""
    if has_model(experiment):
        return ""
    if not experiment.job.is_final:
        return "its training is not done"
    if experiment.best_epoch is None:
        return "no network was kept: the training ended before its first epoch did"
    return "its checkpoints are not on this server any more"


def with_model(team_id: str) -> list[Experiment]:
    """The team's experiments that can classify, newest first."""
    rows = Experiment.objects.filter(team_id=team_id, best_epoch__isnull=False).select_related("job", "dataset", "version")
    return [row for row in rows.order_by("-id")[:200] if has_model(row)]


def uses_of_datasets(with_trash: bool) -> Uses:
    """Experiments that were trained on a dataset (webapp.datasets.hooks)."""
    rows = Experiment.everything.filter(purging_at__isnull=True) if with_trash else Experiment.objects.all()
    return Uses(rows.order_by("-id"), "dataset", "name")
