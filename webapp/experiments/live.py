"""What the page of one experiment shows besides its charts: progress, key figures, and how it ended, in words."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from classifier.metrics import dense, wilson
from webapp.core.words import duration, give_or_take, percent, plural, thousands
from webapp.experiments import class_charts, failures, folds, insights, matrix_charts, openings, preflight, queries, steps
from webapp.experiments.learning import learnt_classes
from webapp.experiments.models import EpochMatrix, Experiment
from webapp.jobs import room
from webapp.jobs.logs import warnings
from webapp.jobs.models import Job, State

MATRICES = ("counts", "by_row")
BY_CLASS = (*class_charts.MEASURES, *MATRICES)
TOP = 5
FIRST_BY_CLASS = ("recall", "counts")  # seen before anything is chosen


class KeyFigure(NamedTuple):
    """One of the four cards."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    tone: str = ""


class Outcome(NamedTuple):
    """How a training ended."""

    tone: str
    title: str
    words: str


def half_width(share: float | None, n: int) -> str:
    """ "± 2.1": half of the 95 % interval of a share, in points; as `give_or_take` near 0 and 1."""
    return "" if share is None or not n else give_or_take(share, *wilson(round(share * n), n))


def key_figures(experiment: Experiment, rows: list[dict[str, Any]], validations: list[dict[str, Any]]) -> list[KeyFigure]:
    """Best validation top-1, validation loss, speed, device."""
    last, told, lately = rows[-1] if rows else {}, told_by_run(experiment), steps.lately(experiment)
    device = device_figure(experiment, told, lately.use)
    return [best_figure(experiment, rows), loss_figure(validations), speed_figure(last, told, lately.waiting), device]


def has_top5(experiment: Experiment) -> bool:
    """Whether the five best classes can leave out the true one."""
    return len(learnt_classes(experiment.version)) > TOP


def best_figure(experiment: Experiment, rows: list[dict[str, Any]]) -> KeyFigure:
    """The best epoch by validation, with its interval."""
    if experiment.best_top1 is None:
        return KeyFigure("Best validation top-1", "–", note="after the first epoch")
    n, best = queries.validated_on(experiment), experiment.best_epoch
    top5 = next((row.get("val_top5") for row in rows if row["epoch"] == best), None)
    beside = f" · top-5 {percent(top5)}" if has_top5(experiment) else ""
    note = f"epoch {best}{learnt_in(experiment)}{beside} · {plural(n, 'image')}"
    return KeyFigure("Best validation top-1", percent(experiment.best_top1), half_width(experiment.best_top1, n), note)


def learnt_in(experiment: Experiment) -> str:
    """Whether the best epoch is one of the head alone or of the fine-tuning after it; nothing where there is none."""
    last = experiment.config.get("finetune")
    if not last or experiment.best_epoch is None:
        return ""
    return ", fine-tuned" if experiment.best_epoch > experiment.config["epochs"] - last else ", the head alone"


def loss_figure(validations: list[dict[str, Any]]) -> KeyFigure:
    """The newest validation loss and its change since the validation before."""
    if not validations:
        return KeyFigure("Validation loss", "–", note="after the first validation")
    newest = validations[-1]
    if len(validations) == 1:
        note = "first epoch" if newest["at"] <= 1 else f"epoch {newest['at']}"
        return KeyFigure("Validation loss", f"{newest['val_loss']:.3f}", note=note)
    before = validations[-2]
    change = newest["val_loss"] - before["val_loss"]
    since = "the epoch before" if before["at"] == newest["at"] - 1 else f"epoch {round(before['at'], 2):g}"
    if not round(change, 3):
        return KeyFigure("Validation loss", f"{newest['val_loss']:.3f}", "", f"as after {since}")
    arrow, tone = ("▼", "good") if change < 0 else ("▲", "warn")
    return KeyFigure("Validation loss", f"{newest['val_loss']:.3f}", "", f"{arrow} {abs(change):.3f} since {since}", tone)


def speed_figure(last: dict[str, Any], told: dict[str, Any], waiting: float | None = None) -> KeyFigure:
    """Images a second of the newest epoch, beside what the device reached when it was measured with nothing to wait for; and how much of
    the time passed with waiting for them lately."""
    speed, ceiling = last.get("images_per_second"), (told.get("plan") or {}).get("images_per_second")
    if not speed:
        return KeyFigure("Speed", "–", "images/s", "after the first epoch")
    took = f"an epoch takes {duration(last['seconds'])}" if last.get("seconds") else ""
    share = f"{percent(min(1.0, speed / ceiling), 0)} of the device alone" if ceiling else ""
    waited = "" if waiting is None else f"waiting for data {percent(waiting, 0)}"
    return KeyFigure("Speed", thousands(speed), "images/s", " · ".join(part for part in (share, waited, took) if part))


def told_by_run(experiment: Experiment) -> dict[str, Any]:
    """What the training wrote of itself when it began: device, plan, versions; empty before."""
    try:
        told = json.loads((experiment.folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def device_figure(experiment: Experiment, told: dict[str, Any], use: float | None = None) -> KeyFigure:
    """Where it runs or ran, and how much of it worked lately."""
    device = str(told.get("device") or "")
    if not device:
        wanted = experiment.config["device"]
        return KeyFigure("Device", "–" if wanted == "auto" else wanted.upper(), "", "" if experiment.job.owner else "picked when it starts")
    kind = "CPU" if device.endswith(("thread", "threads")) else "GPU"
    plan = told.get("plan") or {}
    layout = (" channels-last" if plan.get("channels_last") else "") + (", compiled" if plan.get("compiled") else "")
    threads = f"{plural(plan['threads'], 'thread')} in use" if plan.get("threads") else ""
    note = " · ".join(part for part in (device, threads, f"{plan.get('precision', '')}{layout}") if part)
    return KeyFigure("Device", kind, "", note) if use is None else KeyFigure("Device in use", percent(use, 0), f"of the {kind}", note)


def planned_epochs(experiment: Experiment, rows: list[dict[str, Any]]) -> int:
    """Epochs that were asked for; once it has ended, those that there are."""
    if rows and experiment.job.is_final:
        return int(rows[-1]["epoch"])
    return int((experiment.resolved or experiment.config)["epochs"])


def looks_inside(experiment: Experiment) -> bool:
    """Whether validations may lie inside epochs."""
    return bool((experiment.config.get("validate_every") or 1) < 1)


def newest_progress(experiment: Experiment) -> dict[str, Any]:
    """The data of the newest progress event. Of one that is of no step, as of a validation, it has the epoch that was told last, and in
    `between` what it does: the page's script says it so, and the part that is fetched anew must say the same."""
    told = experiment.job.events.filter(kind="progress").order_by("-seq")
    data: dict[str, Any] = newest.data if (newest := told.first()) else {}
    last = None if not data or data.get("epoch") else told.filter(data__epoch__isnull=False).first()
    if last is None:
        return data
    stage = str(data.get("stage") or "")
    between = "" if stage.startswith("epoch ") else stage[:1].lower() + stage[1:]
    return data | {"epoch": last.data["epoch"], "epochs": last.data.get("epochs"), "between": between}


def outcome(experiment: Experiment, test: dict[str, Any] | None) -> Outcome | None:
    """How it ended, in a sentence or two; None while it waits or runs."""
    job = experiment.job
    if job.state == State.SUCCEEDED:
        return Outcome("good", "Done", done_words(experiment, test))
    if job.state == State.FAILED:
        kept = f" The best checkpoint, of epoch {experiment.best_epoch}, was kept." if experiment.best_epoch else ""
        return Outcome("bad", "It failed", (job.error or "The training ended without saying why; its log may tell.") + kept)
    if job.state == State.CANCELLED:
        kept = f"The best checkpoint, of epoch {experiment.best_epoch}, was kept." if experiment.best_epoch else "No epoch was finished."
        return Outcome("", "Cancelled", kept)
    return None


def done_words(experiment: Experiment, test: dict[str, Any] | None) -> str:
    """The result of a training that ended well."""
    job = experiment.job
    took = f" in {duration((job.finished_at - job.started_at).total_seconds())}" if job.finished_at and job.started_at else ""
    best = f"Trained{took}; epoch {experiment.best_epoch} was best on the validation split."
    if test and not test["n"]:
        return f"{best} The dataset has no test images, so nothing says how it does on new ones."
    if not test or test.get("top1") is None:
        return best
    low, high = wilson(round(test["top1"] * test["n"]), test["n"])
    interval = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
    right = f"It named {percent(test['top1'])} of {thousands(test['n'])} test images rightly ({interval})"
    return f"{best} {right}; {openings.of(experiment, experiment.version).words}."


def class_names(experiment: Experiment, rows: int) -> list[str]:
    """Readable names in the order of a matrix of so many classes."""
    return [entry["name"] or entry["label"] for entry in learnt_classes(experiment.version, rows)]


def matrix_figures(experiment: Experiment, matrix: EpochMatrix | None, wanted: Collection[str] = BY_CLASS) -> dict[str, Any]:
    """What is drawn by class after one epoch, by the id of its figure; `wanted`: those alone."""
    if matrix is None or not wanted:
        return {}
    counts = dense(matrix.confusion)
    names = class_names(experiment, len(counts))
    figures: dict[str, Any] = {
        measure: class_charts.by_class(counts, names, measure) for measure in class_charts.MEASURES if measure in wanted
    }
    cells = {name: matrix_charts.confusion(counts, names, by_row=name == "by_row") for name in MATRICES if name in wanted}
    return figures | cells


def tested(experiment: Experiment) -> Any:
    """The training's own evaluation on the test split, with its report; None while there is none."""
    return experiment.evaluations.filter(job_id=experiment.job_id, split="test").select_related("report").first()


def epochs_with_matrix(experiment: Experiment) -> list[float]:
    """Where the scrubber can stand."""
    return list(queries.places(experiment))


def held_up(job: Job) -> str:
    """Why a job that waits does not start when its turn comes: the disk is full."""
    return room.waited_for() if job.state == State.QUEUED else ""


def context(experiment: Experiment) -> dict[str, Any]:
    """The live page."""
    job = experiment.job  # read first: what is told after its number the page draws as it comes, so that no epoch falls between
    rows, validations = queries.history(experiment), queries.validations(experiment)
    test = tested(experiment)
    report_id = test.report.id if hasattr(test, "report") else None
    epochs = epochs_with_matrix(experiment)
    return {
        "experiment": experiment,
        "job": job,
        "key_figures": key_figures(experiment, rows, validations),
        "validations": validations,
        "planned": planned_epochs(experiment, rows),
        "progress": newest_progress(experiment),
        "outcome": outcome(experiment, test and test.result),
        "held_up": held_up(experiment.job),
        "ways": failures.ways(experiment) if experiment.job.state == State.FAILED else [],
        "warnings": warnings(experiment.job),
        "preflight": preflight.found(experiment),
        "attempts": list(experiment.job.attempts.order_by("fence")),
        "insights": insights.told(
            experiment,
            test and test.counts,
            see=insights.report_link(report_id) if report_id else "#matrix-chart",
            ece=((test and test.result) or {}).get("ece"),
        ),
        "report_id": report_id,
        "has_model": queries.has_model(experiment),
        "no_model": queries.why_no_model(experiment),
        "epochs": epochs,
        "folds": folds.across(experiment),
        "rows": rows,
    }
