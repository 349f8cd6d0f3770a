"""Every write to evaluations: asked for, and done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from classifier.spec.errors import ConfigError, InputError
from classifier.spec.events import SPLITS
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.words import plural
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import newest_version
from webapp.evaluations import choices, erasing, hooks
from webapp.evaluations.mistakes import worst_mistakes
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import figures as slices
from webapp.experiments import openings
from webapp.experiments.actions import check_offered
from webapp.experiments.checkpoints import NAMED, short
from webapp.experiments.folds import seen
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model
from webapp.experiments.removing import held
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind

NOT_RESULT = {"event", "run", "split", "checkpoint", "dataset", "predictions", "raw"}


def request(
    actor: Actor,
    experiment: Experiment,
    split: str,
    checkpoint: str = "best",
    dataset: Dataset | None = None,
    *,
    views: str = "",
    raw: bool = False,
    once: bool = False,
) -> Evaluation:
    """Queue the evaluation of one checkpoint on one split, of the experiment's own dataset version or another's newest.

    `views`: none, flip or ten_crop; empty: as the training was configured. `raw`: the weights themselves in place of their average.
    `once`: where the same person's of the same is not at its end yet, that is given, for a second click.
    """
    actor.require("experiment.create")
    check_wanted(split, checkpoint, views)
    check_trained(experiment)
    check_kept(experiment, checkpoint, raw)
    version = experiment.version if dataset is None else newest_version(dataset)
    if version is None:
        raise ConfigError({"dataset": "has no imported images; wait for its import, or choose another"})
    check_folds(experiment, version, split)
    check_measurable(experiment, version, split)
    checkpoint = checkpoint if checkpoint in NAMED else str(int(checkpoint))  # the engine knows no "007"
    with transaction.atomic():
        check_trained(held(experiment))  # nobody may have tried it again meanwhile
        if dataset is not None and dataset.pk != experiment.dataset_id:
            check_offered(dataset)
        wanted = {"experiment": experiment, "version": version, "split": split, "checkpoint": checkpoint, "views": views, "raw": raw}
        if once and (first := Evaluation.objects.filter(**wanted, created_by=actor.user).exclude(job__state__in=FINAL).first()):
            return first
        title = f"{experiment.name}: {short(checkpoint)} on {split}{choices.suffix(views, raw)}"
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.EVALUATE, title=title)
        evaluation = Evaluation.objects.create(team=actor.team, created_by=actor.user, job=job, **wanted)
        record(actor, "evaluation.request", experiment, split=split, checkpoint=checkpoint)
        return evaluation


def check_trained(experiment: Experiment) -> None:
    """InputError where there is no network, or its training runs or waits and would change the checkpoints under the evaluation."""
    if not has_model(experiment):
        raise InputError(f"{experiment.name} has no trained network yet; evaluate it when its training is done.", code="no_model")


def check_folds(experiment: Experiment, version: DatasetVersion, split: str) -> None:
    """ConfigError for validation images that a fold's training learnt from: most of those of another version of its dataset."""
    other = version.dataset_id == experiment.dataset_id and version.pk != experiment.version_id
    if other and experiment.config.get("folds") and split == "validation":
        own = experiment.version.number
        why = f"its fold is of version {own}, and it learnt from most validation images of version {version.number}"
        raise ConfigError({"dataset": f"{why}; evaluate version {own}, or the test split"})


def check_measurable(experiment: Experiment, version: DatasetVersion, split: str) -> None:
    """ConfigError for classes that the network does not know, and for a split without images: its job would end with as much."""
    wrong: dict[str, str] = {}
    if unknown := choices.unknown(experiment, version):
        more = f" and {plural(len(unknown) - 1, 'other')}" if len(unknown) > 1 else ""
        wrong["dataset"] = f"has the class {unknown[0]!r}{more} that {experiment.name} does not know; choose a dataset of its classes"
    if not seen(version, experiment.folds_on(version))[split]:
        wrong["split"] = f"has no images in version {version.number} of {version.dataset.name}: there are {choices.split_words(version)}"
    if wrong:
        raise ConfigError(wrong)


def check_kept(experiment: Experiment, checkpoint: str, raw: bool) -> None:
    """ConfigError for an epoch whose checkpoint is not kept any more, and for an average to leave aside that there never was."""
    wrong: dict[str, str] = {}
    kept = [each.epoch for each in choices.checkpoints(experiment) if each.whole]
    if kept and checkpoint not in NAMED and int(checkpoint) not in kept:
        wrong["checkpoint"] = f"is not kept of epoch {checkpoint}; there are best, last and those of epochs {', '.join(map(str, kept))}"
    if raw and not choices.averages(experiment):
        wrong["raw"] = "must be off: this training kept no average of its weights, so there is nothing to leave aside"
    if wrong:
        raise ConfigError(wrong)


def check_wanted(split: str, checkpoint: str, views: str = "") -> None:
    """ConfigError that names what is wrong."""
    wrong: dict[str, str] = {}
    if split not in SPLITS:
        wrong["split"] = f"must be one of {', '.join(SPLITS)}; {split[:40]!r} came"
    is_epoch = checkpoint.isascii() and checkpoint.isdecimal() and len(checkpoint) <= 6 and int(checkpoint) > 0
    if checkpoint not in NAMED and not is_epoch:
        wrong["checkpoint"] = f"must be best, last or an epoch's number; {checkpoint[:40]!r} came"
    if views not in choices.VIEWS:
        wrong["views"] = f"must be none, flip or ten_crop, or empty for what was configured; {views[:40]!r} came"
    if wrong:
        raise ConfigError(wrong)


def finished(evaluation_id: str, evaluated_event: dict[str, Any], predictions_csv: Path) -> None:
    """Keep the figures of an "evaluated" event; called inside the transaction that ends the job."""
    evaluation = Evaluation.objects.select_related("experiment__dataset", "version__dataset", "job", "team", "created_by").get(
        id=evaluation_id
    )
    keep(evaluation, {name: value for name, value in evaluated_event.items() if name not in NOT_RESULT}, predictions_csv)


def of_training(experiment: Experiment, result: dict[str, Any], run_folder: Path) -> None:
    """The test split's evaluation that a training makes of its best checkpoint, once, at its end."""
    evaluation, _ = Evaluation.objects.get_or_create(
        job=experiment.job,
        split="test",
        checkpoint="best",
        defaults={
            "team": experiment.team,
            "created_by": experiment.created_by,
            "experiment": experiment,
            "version": experiment.version,
        },
    )
    speed = {"speed": result["speed"]} if "speed" in result else {}
    keep(evaluation, result["test"] | speed, run_folder / "predictions-test.csv")


def count_opening(evaluation: Evaluation, result: dict[str, Any]) -> None:
    """A result on the test split opens it, once however often it is delivered: the row says whether it had one before."""
    row = Evaluation.everything.select_for_update(of=("self",)).filter(pk=evaluation.pk, result__isnull=True)
    if evaluation.split == "test" and result["n"] and row.only("pk").first():
        openings.count(evaluation.experiment, evaluation.version)


def keep(evaluation: Evaluation, result: dict[str, Any], predictions_csv: Path) -> None:
    """Write the figures, the predictions file's name and the worst mistakes, and tell the apps that wait for them.

    Groups are counted once that is committed: it takes some seconds of a large set, and nothing waits for them.
    """
    count_opening(evaluation, result)
    evaluation.figures, evaluation.predictions = result, predictions_csv.name
    folds = evaluation.experiment.folds_on(evaluation.version)
    erasing.forget_meanwhile(evaluation, predictions_csv)
    evaluation.mistakes = worst_mistakes(evaluation.version, evaluation.split, predictions_csv, folds=bool(folds))
    evaluation.save(update_fields=["result", "confusion", "predictions", "mistakes"])
    hooks.tell_done(evaluation)
    transaction.on_commit(lambda: slices.keep_ahead(evaluation), robust=True)
